package io.qwark.engine.api;

import java.io.Serializable;

/**
 * What a loaded replica is.
 *
 * @param architecture such as Qwen3ForCausalLM
 * @param parameters number of weights
 * @param lmHeadQuantization of the output layer
 * @param kernels stock or native
 * @param kvCacheDtype float32, bfloat16 or int8
 * @param device cpu or cuda:N
 * @param threads of tensor operations
 * @param maxModelLen longest prompt plus output, in tokens
 * @param kvCacheTokens tokens that its KV cache holds
 * @param loadMs time to load it
 */
public record ModelInfo(
    String path,
    String architecture,
    long parameters,
    String chatTemplate,
    String quantization,
    String lmHeadQuantization,
    String kernels,
    String kvCacheDtype,
    String device,
    int threads,
    int maxModelLen,
    long kvCacheTokens,
    double loadMs)
    implements Serializable {}
