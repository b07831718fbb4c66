package io.qwark.jobs.inspect;

import io.qwark.engine.ReplicaPlan;
import io.qwark.engine.api.EngineOptions;
import io.qwark.engine.api.Placement;
import io.qwark.engine.api.Quantization;
import io.qwark.engine.api.UserException;
import io.qwark.engine.checkpoint.ModelConfig;
import io.qwark.engine.checkpoint.ModelFiles;
import io.qwark.engine.checkpoint.Tensors;

/**
 * What a replica needs on this machine, held in one way. Bytes are those of {@link ReplicaPlan};
 * the workspace is an estimate: what a step's largest tensors hold at a time, in float32.
 *
 * @param kernels stock or native
 * @param kernelsObstacle why native kernels cannot serve it; null if they can
 * @param cacheBytes keys and values of all samples at the full context
 * @param available bytes that the replica may take here
 */
public record MemoryNeed(
    String device,
    String quantization,
    String kernels,
    String kernelsObstacle,
    String kvCacheDtype,
    long weightBytes,
    long cacheBytesPerToken,
    long cacheBytes,
    long workspaceBytes,
    long available) {

  /**
   * @param files the model, whose config and tensors the next two are
   * @param context tokens of a sample
   * @param batch samples at a time
   * @throws UserException if the model cannot be run so
   */
  static MemoryNeed of(
      ModelFiles files,
      ModelConfig config,
      Tensors tensors,
      Quantization quantization,
      int context,
      int batch) {
    long tokens = Math.min(Integer.MAX_VALUE - 1L, (long) context * batch);
    EngineOptions options =
        EngineOptions.builder(files.path().toString(), quantization)
            .maxNumSeqs(batch)
            .maxNumBatchedTokens(Math.max(batch, EngineOptions.DEFAULT_MAX_NUM_BATCHED_TOKENS))
            .maxModelLen(context)
            .kvCacheTokens(tokens)
            .build();
    Placement placement = Placement.cpu();
    ReplicaPlan plan = ReplicaPlan.of(options, placement, config, tensors);
    return new MemoryNeed(
        placement.device(),
        quantization.wireName(),
        plan.kernels().wireName(),
        plan.kernelsObstacle(),
        plan.kvCacheDtype().wireName(),
        plan.weightBytes(),
        plan.cacheBytesPerToken(),
        plan.cacheBytesPerToken() * tokens,
        workspace(config, options),
        plan.memory());
  }

  private static long workspace(ModelConfig config, EngineOptions options) {
    long heads = config.numAttentionHeads() + 2L * config.numKeyValueHeads();
    long token =
        2L * config.hiddenSize() + heads * config.headDim() + 2L * config.intermediateSize();
    return Float.BYTES
        * (options.maxNumBatchedTokens() * token
            + (long) options.maxNumSeqs() * config.vocabSize());
  }

  /** All together. */
  public long totalBytes() {
    return weightBytes + cacheBytes + workspaceBytes;
  }

  /** Whether there is that much. */
  public boolean isEnough() {
    return totalBytes() <= available;
  }
}
