package io.qwark.bench;

import io.qwark.engine.api.EngineOptions;
import io.qwark.engine.api.EngineOptionsBuilder;
import io.qwark.engine.api.Kernels;
import io.qwark.engine.api.KvCacheDtype;
import io.qwark.engine.api.LmHeadQuantization;
import io.qwark.engine.api.Quantization;
import io.qwark.engine.checkpoint.ModelConfig;
import io.qwark.engine.torch.Backend;

/** How a model is held: its weights, keys and values, and its output layer. */
record HeldAs(
    Quantization quantization, KvCacheDtype kvCacheDtype, LmHeadQuantization lmHeadQuantization) {
  static final HeldAs FLOAT32 = of("float32/float32");

  /**
   * From a quantization, a type of KV cache and a quantization of the output layer, such as {@code
   * int4/bfloat16/int4}. What is left out at the end is automatic.
   */
  static HeldAs of(String word) {
    String[] names = word.split("/", 3);
    return new HeldAs(
        Quantization.of(names[0]),
        names.length > 1 ? KvCacheDtype.of(names[1]) : KvCacheDtype.AUTO,
        names.length > 2 ? LmHeadQuantization.of(names[2]) : LmHeadQuantization.AUTO);
  }

  /** From options of these names, of which each may be left out. */
  static HeldAs of(Arguments arguments) {
    return new HeldAs(
        Quantization.of(arguments.optional("quantization", "int8")),
        KvCacheDtype.of(arguments.optional("kv-cache-dtype", "auto")),
        LmHeadQuantization.of(arguments.optional("lm-head-quantization", "auto")));
  }

  /**
   * @throws io.qwark.engine.api.UserException if the model cannot be held so there
   */
  Backend backend(Kernels kernels, ModelConfig config) {
    return Backend.choose(quantization, kernels, kvCacheDtype, config)
        .withLmHead(lmHeadQuantization, config);
  }

  /** Options of an engine that holds its model so. */
  EngineOptionsBuilder options(String model) {
    return EngineOptions.builder(model, quantization)
        .lmHeadQuantization(lmHeadQuantization)
        .kvCacheDtype(kvCacheDtype);
  }

  /** How weights are held. */
  String weights() {
    return lmHeadQuantization == LmHeadQuantization.AUTO
        ? quantization.wireName()
        : quantization.wireName() + ", lm_head " + lmHeadQuantization.wireName();
  }

  @Override
  public String toString() {
    return weights() + ", KV " + kvCacheDtype.wireName();
  }
}
