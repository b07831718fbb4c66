package io.qwark.engine;

import io.qwark.engine.api.EngineOptions;
import io.qwark.engine.api.Kernels;
import io.qwark.engine.api.KvCacheDtype;
import io.qwark.engine.api.Quantization;
import io.qwark.engine.api.UserException;
import io.qwark.engine.checkpoint.ModelConfig;
import io.qwark.engine.cuda.CudaCard;
import io.qwark.engine.torch.Backend;
import io.qwark.engine.torch.CudaBackend;
import java.util.List;

/**
 * What a model takes of its device's memory, in bytes, reckoned from its shapes, whether there is
 * that much or not.
 *
 * @param backend how the model is held
 * @param workspaceBytes of the tensors of the largest step
 * @param cacheBytesPerToken of keys and values of all layers
 */
public record Footprint(
    Backend backend, long weightBytes, long workspaceBytes, long cacheBytesPerToken) {

  /** Ways to hold weights on GPUs that save memory against float32, the most precise first. */
  public static final List<Quantization> FOR_GPUS =
      List.of(Quantization.BFLOAT16, Quantization.FP8, Quantization.INT8, Quantization.INT4);

  /**
   * @param device cpu or cuda:N; whether it is there is not looked at
   * @param parameters number of weights
   * @throws UserException if the model cannot be held so on such a device
   */
  public static Footprint of(
      EngineOptions options, String device, ModelConfig config, long parameters) {
    return of(options, options.quantization(), device, config, parameters);
  }

  static Footprint of(
      EngineOptions options,
      Quantization quantization,
      String device,
      ModelConfig config,
      long parameters) {
    Backend backend =
        Backend.choose(quantization, options.kernels(), options.kvCacheDtype(), config, device)
            .withLmHead(options.lmHeadQuantization(), config);
    return new Footprint(
        backend,
        backend.weightBytes(config, parameters),
        backend.onCpu()
            ? Workspace.onCpu(config, options)
            : Workspace.onCard(config, options, backend.quantization()),
        backend.cacheBytesPerToken(config));
  }

  /** Not auto. */
  public Quantization quantization() {
    return backend.quantization();
  }

  /** Stock or native. */
  public Kernels kernels() {
    return backend.kernels();
  }

  /** Not auto. */
  public KvCacheDtype kvCacheDtype() {
    return backend.kvCacheDtype();
  }

  /** Why native kernels cannot serve the model there; null if they can. */
  public String kernelsObstacle(ModelConfig config) {
    return backend.onCpu()
        ? Backend.obstacle(backend.quantization(), config)
        : "they are made for CPUs";
  }

  /**
   * Checks that a card's operators can compute with such weights.
   *
   * @throws UserException if it is too old
   */
  public void requireServedBy(CudaCard card) {
    if (!serves(card, quantization())) {
      throw new UserException(
          "Cannot run the model in " + quantization().wireName() + " on " + card.title(),
          "that takes a GPU of compute capability %s, and this one's is %s"
              .formatted(leastCapability(quantization()), card.capability()),
          "Set `quantization` to "
              + (serves(card, Quantization.BFLOAT16) ? "bfloat16" : "float32")
              + ", or use a newer GPU");
    }
  }

  /** Whether a card's operators can compute with such weights. */
  public static boolean serves(CudaCard card, Quantization quantization) {
    int least = CudaBackend.leastCapability(quantization);
    return card.isAtLeast(least / 10, least % 10);
  }

  /** The compute capability from which on cards do, such as 8.0. */
  public static String leastCapability(Quantization quantization) {
    int least = CudaBackend.leastCapability(quantization);
    return least / 10 + "." + least % 10;
  }
}
