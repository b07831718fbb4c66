package io.qwark.engine.torch;

import io.qwark.engine.api.EngineOptions;
import io.qwark.engine.api.Kernels;
import io.qwark.engine.api.KvCacheDtype;
import io.qwark.engine.api.Quantization;
import io.qwark.engine.checkpoint.ModelConfig;
import io.qwark.engine.checkpoint.Tensors;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Programs for GPUs on the CPU: with other parts for the few operators that it lacks, and all else
 * as it is. Those parts lie in the test resources.
 */
public final class CudaPrograms {
  private static final Map<String, String> STAND_INS =
      Map.of("flash_cuda", "flash_on_cpu", "fp8_cuda", "fp8_on_cpu", "int4_cuda", "int4_on_cpu");

  private CudaPrograms() {}

  public static Backend backend(ModelConfig config, Quantization quantization) {
    return Backend.choose(quantization, Kernels.AUTO, KvCacheDtype.AUTO, config, "cuda:0");
  }

  static Program onCpu(Backend backend) {
    List<String> parts = CausalLmProgram.parts(backend);
    return new Program(
        parts.stream().map(part -> STAND_INS.getOrDefault(part, part)).toList(), Backend.CPU);
  }

  /**
   * A program without a model's weights.
   *
   * @param tests methods that are appended to it
   */
  static TorchModule module(ModelConfig config, Backend backend, String tests) {
    return TorchModule.load(
        CausalLmProgram.CLASS,
        CausalLmProgram.source(onCpu(backend).parts()) + tests,
        CausalLmProgram.attributes(config, Backend.CPU, backend.activationType()),
        1);
  }

  /** A model whose program is that of a GPU. */
  public static CausalLm load(
      ModelConfig config, Tensors tensors, Quantization quantization, int cacheTokens) {
    Backend backend = backend(config, quantization);
    return load(config, tensors, backend, onCpu(backend), cacheTokens);
  }

  /**
   * A model in float32 whose steps are laid out as flash attention takes them. GPUs have that in
   * bfloat16 only; so the layout can be held to exact numbers.
   */
  public static CausalLm loadFlashInFloat32(ModelConfig config, Tensors tensors, int cacheTokens) {
    Backend backend = backend(config, Quantization.FLOAT32);
    List<String> parts = new ArrayList<>(CausalLmProgram.parts(backend));
    int attention = parts.indexOf("attention_spans");
    parts.set(attention, "attention_flash");
    parts.add(attention + 1, "flash_on_cpu");
    return load(config, tensors, backend, new Program(parts, Backend.CPU), cacheTokens);
  }

  private static CausalLm load(
      ModelConfig config, Tensors tensors, Backend backend, Program program, int cacheTokens) {
    return CausalLm.load(
        config, tensors, backend, program, EngineOptions.NO_WEIGHTS_CACHE, cacheTokens, 1);
  }
}
