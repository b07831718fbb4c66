package io.qwark.engine;

import io.qwark.engine.api.EngineOptions;
import io.qwark.engine.api.Kernels;
import io.qwark.engine.api.KvCacheDtype;
import io.qwark.engine.api.Placement;
import io.qwark.engine.checkpoint.ModelConfig;
import io.qwark.engine.checkpoint.ModelFiles;
import io.qwark.engine.checkpoint.Tensors;
import io.qwark.engine.cuda.CardMemory;
import io.qwark.engine.cuda.Cuda;
import io.qwark.engine.cuda.CudaCard;
import io.qwark.engine.schedule.Scheduler;
import io.qwark.engine.torch.Backend;

/** What a replica will be on this machine: all that is decided before its weights are read. */
public final class ReplicaPlan {
  /** Weights of a matrix from which on more than one thread pays. */
  private static final long WORTH_SHARING = 1 << 20;

  private final EngineOptions options;
  private final ModelConfig config;
  private final Footprint footprint;
  private final int processors;
  private final long parameters;
  private final MemoryPlan memory;
  private final EngineLimits limits;

  private ReplicaPlan(
      EngineOptions options,
      Placement placement,
      ModelConfig config,
      long parameters,
      Footprint footprint,
      MemoryPlan memory) {
    this.options = options;
    this.config = config;
    this.footprint = footprint;
    this.processors = placement.processors();
    this.parameters = parameters;
    this.memory = memory;
    this.limits =
        CachePlan.limits(
            options, config, memory, cacheBytesPerToken(), stepsAhead(options, placement));
  }

  /**
   * Reads the model's configuration and the directory of its weights.
   *
   * @throws io.qwark.engine.api.UserException if the folder or an option is wrong, there is no such
   *     device, or its memory does not suffice
   */
  public static ReplicaPlan of(EngineOptions options, Placement placement) {
    ModelFiles files = Models.open(options);
    return of(options, placement, files.config(), files.tensors());
  }

  /** The same for a model that was opened already. */
  public static ReplicaPlan of(
      EngineOptions options, Placement placement, ModelConfig config, Tensors tensors) {
    if (placement.device().equals(Backend.CPU)) {
      return of(options, placement, config, tensors.parameters(), HostMemory.look());
    }
    CudaCard card = Cuda.look().require(placement.device());
    return onCard(options, placement, config, tensors, card, Cuda.memory(card));
  }

  static ReplicaPlan of(
      EngineOptions options,
      Placement placement,
      ModelConfig config,
      long parameters,
      HostMemory host) {
    Footprint footprint = Footprint.of(options, placement.device(), config, parameters);
    MemoryPlan memory = MemoryPlan.onCpu(host, placement, footprint);
    return new ReplicaPlan(options, placement, config, parameters, footprint, memory);
  }

  /**
   * The same on a card that was looked at already.
   *
   * @param now what the card has and what is free of it
   */
  public static ReplicaPlan onCard(
      EngineOptions options,
      Placement placement,
      ModelConfig config,
      Tensors tensors,
      CudaCard card,
      CardMemory now) {
    return onCard(options, placement, config, tensors.parameters(), card, now);
  }

  static ReplicaPlan onCard(
      EngineOptions options,
      Placement placement,
      ModelConfig config,
      long parameters,
      CudaCard card,
      CardMemory now) {
    Footprint footprint = Footprint.of(options, placement.device(), config, parameters);
    MemoryPlan memory = new CardPlan(options, config, parameters, card, now).share(footprint);
    return new ReplicaPlan(options, placement, config, parameters, footprint, memory);
  }

  private static int stepsAhead(EngineOptions options, Placement placement) {
    if (options.decodeStepsAhead() != null) {
      return options.decodeStepsAhead();
    }
    return placement.device().equals(Backend.CPU) ? 1 : EngineOptions.DEFAULT_STEPS_AHEAD_ON_CUDA;
  }

  Backend backend() {
    return footprint.backend();
  }

  EngineLimits limits() {
    return limits;
  }

  public long parameters() {
    return parameters;
  }

  /** Stock or native. */
  public Kernels kernels() {
    return footprint.kernels();
  }

  /** Why native kernels cannot serve this model here; null if they can. */
  public String kernelsObstacle() {
    return footprint.kernelsObstacle(config);
  }

  /** Float32 or bfloat16. */
  public KvCacheDtype kvCacheDtype() {
    return footprint.kvCacheDtype();
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

  /** Bytes that weights and KV cache, and on a GPU a step's tensors, may take together. */
  public long memory() {
    return memory.memory();
  }

  /** Bytes of the weights. */
  public long weightBytes() {
    return footprint.weightBytes();
  }

  /** Bytes of the tensors of the largest step, reckoned from their shapes. */
  public long workspaceBytes() {
    return footprint.workspaceBytes();
  }

  /** Bytes of one token in the KV cache. */
  public long cacheBytesPerToken() {
    return footprint.cacheBytesPerToken();
  }

  /** On the CPU: part of the memory beside the weights that the KV cache may grow to. */
  public double cacheShare() {
    return MemoryPlan.CPU_CACHE_SHARE;
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
