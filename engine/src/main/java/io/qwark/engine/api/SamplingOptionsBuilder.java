package io.qwark.engine.api;

import java.util.List;

/** Builds {@link SamplingOptions}; what is not set, or null, is left to the model. */
public final class SamplingOptionsBuilder {
  private Double temperature;
  private Double topP;
  private Integer topK;
  private Double minP;
  private Double presencePenalty;
  private Double frequencyPenalty;
  private Double repetitionPenalty;
  private Long seed;
  private Integer maxTokens;
  private List<String> stop;
  private List<Integer> stopTokenIds;
  private Boolean ignoreEos;
  private Integer logprobs;
  private Boolean promptLogprobs;

  SamplingOptionsBuilder() {}

  public SamplingOptionsBuilder temperature(Double temperature) {
    this.temperature = temperature;
    return this;
  }

  public SamplingOptionsBuilder topP(Double topP) {
    this.topP = topP;
    return this;
  }

  public SamplingOptionsBuilder topK(Integer topK) {
    this.topK = topK;
    return this;
  }

  public SamplingOptionsBuilder minP(Double minP) {
    this.minP = minP;
    return this;
  }

  public SamplingOptionsBuilder presencePenalty(Double presencePenalty) {
    this.presencePenalty = presencePenalty;
    return this;
  }

  public SamplingOptionsBuilder frequencyPenalty(Double frequencyPenalty) {
    this.frequencyPenalty = frequencyPenalty;
    return this;
  }

  public SamplingOptionsBuilder repetitionPenalty(Double repetitionPenalty) {
    this.repetitionPenalty = repetitionPenalty;
    return this;
  }

  public SamplingOptionsBuilder seed(Long seed) {
    this.seed = seed;
    return this;
  }

  public SamplingOptionsBuilder maxTokens(Integer maxTokens) {
    this.maxTokens = maxTokens;
    return this;
  }

  public SamplingOptionsBuilder stop(List<String> stop) {
    this.stop = stop;
    return this;
  }

  public SamplingOptionsBuilder stopTokenIds(List<Integer> stopTokenIds) {
    this.stopTokenIds = stopTokenIds;
    return this;
  }

  public SamplingOptionsBuilder ignoreEos(Boolean ignoreEos) {
    this.ignoreEos = ignoreEos;
    return this;
  }

  public SamplingOptionsBuilder logprobs(Integer logprobs) {
    this.logprobs = logprobs;
    return this;
  }

  public SamplingOptionsBuilder promptLogprobs(Boolean promptLogprobs) {
    this.promptLogprobs = promptLogprobs;
    return this;
  }

  public SamplingOptions build() {
    return new SamplingOptions(
        temperature,
        topP,
        topK,
        minP,
        presencePenalty,
        frequencyPenalty,
        repetitionPenalty,
        seed,
        maxTokens,
        stop,
        stopTokenIds,
        ignoreEos,
        logprobs,
        promptLogprobs);
  }
}
