package io.qwark.engine.api;

/** Builds {@link EngineOptions}; what is not set keeps its default. */
public final class EngineOptionsBuilder {
  private final String model;
  private final Quantization quantization;
  private String lora;
  private String chatTemplate;
  private Boolean enableThinking;
  private LmHeadQuantization lmHeadQuantization = LmHeadQuantization.AUTO;
  private Integer maxModelLen;
  private int maxNumSeqs = EngineOptions.DEFAULT_MAX_NUM_SEQS;
  private int maxNumBatchedTokens = EngineOptions.DEFAULT_MAX_NUM_BATCHED_TOKENS;
  private Long kvCacheTokens;
  private double gpuMemoryUtilization = EngineOptions.DEFAULT_GPU_MEMORY_UTILIZATION;
  private KvCacheDtype kvCacheDtype = KvCacheDtype.AUTO;
  private Integer threads;
  private Kernels kernels = Kernels.AUTO;
  private String weightsCache;
  private boolean enablePrefixCaching = true;
  private Speculative speculative;
  private Integer decodeStepsAhead;
  private int stepTimeoutSeconds = EngineOptions.DEFAULT_STEP_TIMEOUT_SECONDS;

  EngineOptionsBuilder(String model, Quantization quantization) {
    this.model = model;
    this.quantization = quantization;
  }

  public EngineOptionsBuilder lora(String lora) {
    this.lora = lora;
    return this;
  }

  public EngineOptionsBuilder chatTemplate(String chatTemplate) {
    this.chatTemplate = chatTemplate;
    return this;
  }

  public EngineOptionsBuilder enableThinking(Boolean enableThinking) {
    this.enableThinking = enableThinking;
    return this;
  }

  public EngineOptionsBuilder lmHeadQuantization(LmHeadQuantization lmHeadQuantization) {
    this.lmHeadQuantization = lmHeadQuantization;
    return this;
  }

  public EngineOptionsBuilder maxModelLen(Integer maxModelLen) {
    this.maxModelLen = maxModelLen;
    return this;
  }

  public EngineOptionsBuilder maxNumSeqs(int maxNumSeqs) {
    this.maxNumSeqs = maxNumSeqs;
    return this;
  }

  public EngineOptionsBuilder maxNumBatchedTokens(int maxNumBatchedTokens) {
    this.maxNumBatchedTokens = maxNumBatchedTokens;
    return this;
  }

  public EngineOptionsBuilder kvCacheTokens(Long kvCacheTokens) {
    this.kvCacheTokens = kvCacheTokens;
    return this;
  }

  public EngineOptionsBuilder gpuMemoryUtilization(double gpuMemoryUtilization) {
    this.gpuMemoryUtilization = gpuMemoryUtilization;
    return this;
  }

  public EngineOptionsBuilder kvCacheDtype(KvCacheDtype kvCacheDtype) {
    this.kvCacheDtype = kvCacheDtype;
    return this;
  }

  public EngineOptionsBuilder threads(Integer threads) {
    this.threads = threads;
    return this;
  }

  public EngineOptionsBuilder kernels(Kernels kernels) {
    this.kernels = kernels;
    return this;
  }

  public EngineOptionsBuilder weightsCache(String weightsCache) {
    this.weightsCache = weightsCache;
    return this;
  }

  public EngineOptionsBuilder enablePrefixCaching(boolean enablePrefixCaching) {
    this.enablePrefixCaching = enablePrefixCaching;
    return this;
  }

  public EngineOptionsBuilder speculative(Speculative speculative) {
    this.speculative = speculative;
    return this;
  }

  public EngineOptionsBuilder decodeStepsAhead(Integer decodeStepsAhead) {
    this.decodeStepsAhead = decodeStepsAhead;
    return this;
  }

  public EngineOptionsBuilder stepTimeoutSeconds(int stepTimeoutSeconds) {
    this.stepTimeoutSeconds = stepTimeoutSeconds;
    return this;
  }

  /**
   * @throws UserException if a value is out of its range, or two do not go together
   */
  public EngineOptions build() {
    return new EngineOptions(
        model,
        lora,
        chatTemplate,
        enableThinking,
        quantization,
        lmHeadQuantization,
        maxModelLen,
        maxNumSeqs,
        maxNumBatchedTokens,
        kvCacheTokens,
        gpuMemoryUtilization,
        kvCacheDtype,
        threads,
        kernels,
        weightsCache,
        enablePrefixCaching,
        speculative,
        decodeStepsAhead,
        stepTimeoutSeconds);
  }
}
