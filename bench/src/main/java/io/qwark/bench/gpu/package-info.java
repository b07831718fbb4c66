/**
 * The check of an engine on a GPU that {@code bench/gpu/run.sh} makes in one call: is it right, and
 * how fast is it.
 */
package io.qwark.bench.gpu;
