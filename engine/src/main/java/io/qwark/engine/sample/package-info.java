/** Choosing tokens from a model's scores, in plain Java: the same on every device. */
package io.qwark.engine.sample;
