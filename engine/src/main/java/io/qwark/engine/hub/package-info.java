/**
 * Fetches models from Hugging Face and ModelScope into the caches that their own tools use. What
 * comes over the network is not trusted: names, sizes and contents are checked.
 */
package io.qwark.engine.hub;
