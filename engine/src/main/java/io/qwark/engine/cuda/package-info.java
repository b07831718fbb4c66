/** The NVIDIA cards of this machine, as the driver tells of them, before any libtorch is loaded. */
package io.qwark.engine.cuda;
