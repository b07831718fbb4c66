package io.qwark.engine.torch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.qwark.engine.api.EngineOptions;
import io.qwark.engine.api.Kernels;
import io.qwark.engine.api.KvCacheDtype;
import io.qwark.engine.api.Quantization;
import io.qwark.engine.api.UserException;
import io.qwark.engine.checkpoint.ModelConfig;
import io.qwark.engine.checkpoint.SafeTensors;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** What can be said of programs for GPUs where there is none. */
class CudaProgramsTest {
  private static final Path MODEL =
      Path.of("src/test/resources/goldens/random-untied/model/config.json");

  private final ModelConfig config = ModelConfig.read(MODEL);

  /** libtorch finds every operator that it names, with these arguments, and checks all types. */
  @ParameterizedTest
  @EnumSource
  void everyProgramIsOneThatLibtorchKnows(Quantization quantization) {
    Backend backend = CudaPrograms.backend(config, quantization);
    TorchModule.load(
            CausalLmProgram.CLASS,
            CausalLmProgram.source(backend),
            CausalLmProgram.attributes(config, backend.device(), backend.activationType()),
            1)
        .close();
  }

  @ParameterizedTest
  @EnumSource(names = {"FP8", "INT4", "BFLOAT16"})
  void onlyPartsWithoutAnOperatorForTheCpuAreReplacedInTests(Quantization quantization) {
    Backend backend = CudaPrograms.backend(config, quantization);
    List<String> real = CausalLmProgram.parts(backend);
    List<String> tested = CudaPrograms.onCpu(backend).parts();
    assertEquals(real.size(), tested.size());
    for (int i = 0; i < real.size(); i++) {
      assertTrue(real.get(i).equals(tested.get(i)) || real.get(i).endsWith("_cuda"), real.get(i));
    }
    assertEquals(quantization == Quantization.BFLOAT16 ? 1 : 2, replaced(real, tested));
  }

  private static long replaced(List<String> real, List<String> tested) {
    return real.stream().filter(part -> !tested.contains(part)).count();
  }

  @Test
  void aDeviceThatLibtorchDoesNotReachIsNamed() {
    Backend backend = CudaPrograms.backend(config, Quantization.BFLOAT16);
    // Some libtorch that the tests run with may reach a card.
    assumeTrue(!cudaIsThere(), "there is a GPU");
    UserException e =
        assertThrows(
            UserException.class,
            () ->
                CausalLm.load(
                    config,
                    SafeTensors.open(MODEL.getParent()),
                    backend,
                    EngineOptions.NO_WEIGHTS_CACHE,
                    64,
                    1));
    assertTrue(e.getMessage().startsWith("Cannot place a replica on cuda:0"), e.getMessage());
  }

  private static boolean cudaIsThere() {
    String source =
        "class Probe(Module):\n  __parameters__ = []\n  __buffers__ = []\n  training : bool\n"
            + "  def cuda(self: __torch__.Probe) -> int:\n"
            + "    return torch.numel(torch.empty([1], device=torch.device(\"cuda:0\")))\n";
    try (TorchModule module = TorchModule.load("Probe", source, Map.of("training", false), 1);
        TorchModule.Scope scope = module.scope()) {
      return scope.callForLong("cuda") == 1;
    } catch (TorchException e) {
      return false;
    }
  }

  @Test
  void automaticChoicesAreThoseOfTheDevice() {
    assertEquals(
        new Backend(
            Quantization.BFLOAT16,
            Quantization.BFLOAT16,
            Kernels.STOCK,
            KvCacheDtype.BFLOAT16,
            "cuda:3"),
        Backend.choose(Quantization.AUTO, Kernels.AUTO, KvCacheDtype.AUTO, config, "cuda:3"));
    assertEquals(
        new Backend(Quantization.FLOAT32, Kernels.STOCK, KvCacheDtype.FLOAT32),
        Backend.choose(Quantization.AUTO, Kernels.AUTO, KvCacheDtype.AUTO, config));
    assertEquals(
        new Backend(
            Quantization.FLOAT32,
            Quantization.FLOAT32,
            Kernels.STOCK,
            KvCacheDtype.FLOAT32,
            "cuda:0"),
        CudaPrograms.backend(config, Quantization.FLOAT32));
    assertEquals(
        new Backend(Quantization.BFLOAT16, Kernels.STOCK, KvCacheDtype.BFLOAT16),
        Backend.choose(Quantization.BFLOAT16, Kernels.AUTO, KvCacheDtype.AUTO, config));
  }

  @ParameterizedTest
  @CsvSource({
    "cpu, FP8, AUTO, AUTO, Cannot multiply in fp8",
    "cpu, BFLOAT16, NATIVE, AUTO, Cannot compute with native kernels",
    "cpu, BFLOAT16, AUTO, FLOAT32, Cannot hold keys and values in float32",
    "cuda:0, BFLOAT16, NATIVE, AUTO, Cannot compute with native kernels on cuda:0",
    "cuda:0, BFLOAT16, AUTO, INT8, Cannot hold keys and values in int8",
    "cuda:0, FP8, AUTO, FLOAT32, Cannot hold keys and values in float32",
    "cuda:0, FLOAT32, AUTO, BFLOAT16, Cannot hold keys and values in bfloat16"
  })
  void whatADeviceCannotDoIsRefused(
      String device,
      Quantization quantization,
      Kernels kernels,
      KvCacheDtype dtype,
      String problem) {
    UserException e =
        assertThrows(
            UserException.class,
            () -> Backend.choose(quantization, kernels, dtype, config, device));
    assertEquals(problem, e.problem());
  }
}
