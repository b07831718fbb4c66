/**
 * Batch inference over Spark tables: a vectorized operator, text generation on top of it, its
 * metrics, and what the driver needs to follow and explain a job. Knows the engine's vocabulary
 * only, no tensors and no benchmarks.
 */
package io.qwark.udf;
