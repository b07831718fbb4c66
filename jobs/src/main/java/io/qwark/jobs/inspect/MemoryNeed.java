package io.qwark.jobs.inspect;

import io.qwark.engine.Footprint;
import io.qwark.engine.HostMemory;
import io.qwark.engine.api.EngineOptions;
import io.qwark.engine.api.Placement;
import io.qwark.engine.api.Quantization;
import io.qwark.engine.api.UserException;
import io.qwark.engine.checkpoint.ModelConfig;
import io.qwark.engine.checkpoint.ModelFiles;
import io.qwark.engine.cuda.CardMemory;
import io.qwark.engine.cuda.CudaCard;
import io.qwark.engine.torch.Backend;
import java.util.function.Consumer;

/**
 * What a replica needs on this machine, held in one way. Bytes are those of {@link Footprint}; the
 * workspace is an estimate from the shapes of a step's largest tensors.
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

  /** What the needs are reckoned from. */
  record Model(ModelFiles files, ModelConfig config, long parameters) {}

  /**
   * On the CPU of this machine.
   *
   * @param context tokens of a sample
   * @param batch samples at a time
   * @throws UserException if the model cannot be run so
   */
  static MemoryNeed onCpu(
      Model model, Quantization quantization, int context, int batch, HostMemory host) {
    return of(
        model,
        quantization,
        context,
        batch,
        Backend.CPU,
        footprint -> {},
        host.mayTake(Placement.cpu()));
  }

  /** The same on a card. */
  static MemoryNeed onCard(
      Model model,
      Quantization quantization,
      int context,
      int batch,
      CudaCard card,
      CardMemory now) {
    return of(
        model,
        quantization,
        context,
        batch,
        card.device(),
        footprint -> footprint.requireServedBy(card),
        now.mayTake(EngineOptions.DEFAULT_GPU_MEMORY_UTILIZATION));
  }

  private static MemoryNeed of(
      Model model,
      Quantization quantization,
      int context,
      int batch,
      String device,
      Consumer<Footprint> check,
      long available) {
    long tokens = Math.min(Integer.MAX_VALUE - 1L, (long) context * batch);
    EngineOptions options =
        EngineOptions.builder(model.files().path().toString(), quantization)
            .maxNumSeqs(batch)
            .maxNumBatchedTokens(Math.max(batch, EngineOptions.DEFAULT_MAX_NUM_BATCHED_TOKENS))
            .build();
    Footprint footprint = Footprint.of(options, device, model.config(), model.parameters());
    check.accept(footprint);
    return new MemoryNeed(
        device,
        quantization.wireName(),
        footprint.kernels().wireName(),
        footprint.kernelsObstacle(model.config()),
        footprint.kvCacheDtype().wireName(),
        footprint.weightBytes(),
        footprint.cacheBytesPerToken(),
        footprint.cacheBytesPerToken() * tokens,
        footprint.workspaceBytes(),
        available);
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
