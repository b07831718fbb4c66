package io.qwark.engine;

import io.qwark.engine.api.EngineOptions;
import io.qwark.engine.api.Kernels;
import io.qwark.engine.api.KvCacheDtype;
import io.qwark.engine.api.Placement;
import io.qwark.engine.checkpoint.ModelConfig;
import io.qwark.engine.checkpoint.ModelFiles;
import io.qwark.engine.checkpoint.Tensor;
import io.qwark.engine.checkpoint.Tensors;
import io.qwark.engine.schedule.Scheduler;
import io.qwark.engine.torch.Backend;

/** What a replica will be on this machine: all that is decided before its weights are read. */
public final class ReplicaPlan {
  /** Weights of a matrix from which on more than one thread pays. */
  private static final long WORTH_SHARING = 1 << 20;

  private final EngineOptions options;
  private final ModelConfig config;
  private final Backend backend;
  private final int processors;
  private final long parameters;
  private final long memory;
  private final EngineLimits limits;

  private ReplicaPlan(
      EngineOptions options,
      Placement placement,
      ModelConfig config,
      long parameters,
      HostMemory host) {
    this.options = options;
    this.config = config;
    this.backend =
        Backend.choose(
            options.quantization(),
            options.kernels(),
            options.kvCacheDtype(),
            config,
            placement.device());
    this.processors = placement.processors();
    this.parameters = parameters;
    this.memory = Math.min(host.free(), (long) (host.total() * placement.share()));
    this.limits =
        CachePlan.limits(
            options,
            config,
            memory - weightBytes(),
            cacheBytesPerToken(),
            stepsAhead(options, placement));
  }

  /**
   * Reads the model's configuration and the directory of its weights.
   *
   * @throws io.qwark.engine.api.UserException if the folder or an option is wrong, or the memory
   *     does not suffice
   */
  public static ReplicaPlan of(EngineOptions options, Placement placement) {
    ModelFiles files = Models.open(options);
    return of(options, placement, files.config(), files.tensors());
  }

  /** The same for a model that was opened already. */
  public static ReplicaPlan of(
      EngineOptions options, Placement placement, ModelConfig config, Tensors tensors) {
    long parameters = tensors.entries().stream().mapToLong(Tensor::size).sum();
    return of(options, placement, config, parameters, HostMemory.look());
  }

  static ReplicaPlan of(
      EngineOptions options,
      Placement placement,
      ModelConfig config,
      long parameters,
      HostMemory host) {
    return new ReplicaPlan(options, placement, config, parameters, host);
  }

  private static int stepsAhead(EngineOptions options, Placement placement) {
    if (options.decodeStepsAhead() != null) {
      return options.decodeStepsAhead();
    }
    return placement.device().equals("cpu") ? 1 : EngineOptions.DEFAULT_STEPS_AHEAD_ON_CUDA;
  }

  Backend backend() {
    return backend;
  }

  EngineLimits limits() {
    return limits;
  }

  public long parameters() {
    return parameters;
  }

  /** Stock or native. */
  public Kernels kernels() {
    return backend.kernels();
  }

  /** Why native kernels cannot serve this model here; null if they can. */
  public String kernelsObstacle() {
    return backend.onCpu()
        ? Backend.obstacle(backend.quantization(), config)
        : "they are made for CPUs";
  }

  /** Float32 or bfloat16. */
  public KvCacheDtype kvCacheDtype() {
    return backend.kvCacheDtype();
  }

  /** Of tensor operations. */
  public int threads() {
    if (options.threads() != null) {
      return options.threads();
    }
    return isTiny() ? 1 : processors;
  }

  /** Whether an operation is over before a second thread has woken up. */
  public boolean isTiny() {
    return 2L * config.hiddenSize() * config.intermediateSize() < WORTH_SHARING;
  }

  /** Bytes that weights and KV cache may take together. */
  public long memory() {
    return memory;
  }

  /** Bytes of the weights. */
  public long weightBytes() {
    return backend.weightBytes(config, parameters);
  }

  /** Bytes of one token in the KV cache. */
  public long cacheBytesPerToken() {
    return backend.cacheBytesPerToken(config);
  }

  /** Part of the memory beside the weights that the KV cache may grow to. */
  public double cacheShare() {
    return CachePlan.SHARE;
  }

  /** Tokens that the KV cache holds over all samples. */
  public int cacheTokens() {
    return limits.cacheTokens();
  }

  /** Longest prompt plus output in tokens that is asked for; the KV cache may hold fewer. */
  public int contextLength() {
    return limits.contextLength();
  }

  /** Most tokens of a prompt that a step computes; fewer where a context is long. */
  public int largestChunk() {
    return Scheduler.largestChunk(options.maxNumSeqs(), options.maxNumBatchedTokens());
  }
}
