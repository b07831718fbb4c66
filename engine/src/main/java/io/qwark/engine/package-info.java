/**
 * Inference: requests in, outcomes out. {@link io.qwark.engine.LocalModelFactory} loads a replica;
 * behind it one thread owns a model's tensors and batches whatever is under way.
 */
package io.qwark.engine;
