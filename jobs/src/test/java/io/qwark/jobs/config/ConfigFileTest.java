package io.qwark.jobs.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.qwark.engine.api.EngineOptions;
import io.qwark.engine.api.Kernels;
import io.qwark.engine.api.KvCacheDtype;
import io.qwark.engine.api.LmHeadQuantization;
import io.qwark.engine.api.Quantization;
import io.qwark.engine.api.Speculative;
import io.qwark.engine.api.UserException;
import io.qwark.udf.GpuStage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Defaults, the files in conf, and what a file and the command line say. */
class ConfigFileTest {
  private static final Path CONF = Path.of(System.getProperty("qwark.root"), "conf");

  @TempDir Path folder;

  private EvaluateConfig load(String yaml, String... settings) throws IOException {
    return ConfigTexts.load(folder, yaml, settings);
  }

  private UserException mistake(String yaml, String... settings) {
    return ConfigTexts.mistake(folder, yaml, settings);
  }

  @Test
  void anEmptyFileGivesTheDefaults() throws IOException {
    assertEquals(EvaluateConfig.DEFAULTS, load(""));
    assertEquals(EvaluateConfig.DEFAULTS, load("# nothing\n"));
    assertEquals(EvaluateConfig.DEFAULTS, load("sampling:\nmodel: {}\nscorer: null\n"));
  }

  @Test
  void everyDefaultIsPinned() {
    EvaluateConfig defaults = EvaluateConfig.DEFAULTS;
    assertEquals(
        new ModelConfig(
            null, null, "auto", "auto", null, null, null, 64, 2048, null, 0.9, "auto", null, "auto",
            null, true, null, null, 600),
        defaults.model());
    assertEquals(new Speculative(4, 4, 2, 8), Speculative.DEFAULTS);
    assertEquals(new GpuStage(8, null, null, null, null, null), GpuStage.DEFAULTS);
    assertEquals(
        new DatasetConfig(null, null, null, "problem", "expected_answer", null, null, null, null),
        defaults.dataset());
    assertEquals(
        new SamplingConfig(
            1, null, null, null, null, null, null, null, 0L, null, null, null, null, null, null),
        defaults.sampling());
    assertEquals("boxed_integer", defaults.scorer());
    assertNull(defaults.passAtK());
    assertEquals(new SparkConfig(null, null, null, null, Map.of()), defaults.spark());
    assertEquals(new OutputConfig("runs", null, "parquet"), defaults.output());
    assertEquals(
        new InputConfig(null, null, null, null, "chat", null, null),
        GenerateConfig.DEFAULTS.input());
    assertEquals(
        new TableConfig(null, null, null, null, null, "generated", null),
        EnrichConfig.DEFAULTS.input());
  }

  @Test
  void theReferenceFilesNameEveryKeyWithItsDefault() throws IOException {
    reference("evaluate", EvaluateConfig.DEFAULTS);
    reference("generate", GenerateConfig.DEFAULTS);
    reference("enrich", EnrichConfig.DEFAULTS);
  }

  private static <R extends Record> void reference(String job, R defaults) throws IOException {
    Path file = CONF.resolve("reference/" + job + ".yaml");
    assertEquals(defaults, ConfigFile.load(file, List.of(), defaults));
    Node root = YamlReader.read(Files.readString(file), job);
    for (String path : Keys.paths(defaults.getClass())) {
      Node node = root;
      for (String key : path.split("\\.")) {
        // A section that is left out by default is described in a comment.
        if (node.value() != null) {
          assertTrue(node.mapping().containsKey(key), job + ".yaml lacks " + path);
          node = node.mapping().get(key);
        }
      }
    }
  }

  @Test
  void theReferenceTellsWhatASectionHoldsThatIsLeftOutByDefault() throws IOException {
    String text = Files.readString(CONF.resolve("reference/evaluate.yaml"));
    for (Record section : List.of(Speculative.DEFAULTS, GpuStage.DEFAULTS)) {
      ConfigTree.of(section)
          .forEach((key, value) -> assertTrue(text.contains(key + ": " + value), key));
    }
  }

  @Test
  void aSectionThatIsLeftOutByDefaultNeedsNotAllItsKeys() throws IOException {
    assertNull(load("model: {speculative: null}").model().speculative());
    assertEquals(Speculative.DEFAULTS, load("model: {speculative: {}}").model().speculative());
    assertEquals(
        new Speculative(6, 4, 1, 8),
        load(
                "model: {speculative: {num_speculative_tokens: 6}}",
                "model.speculative.prompt_lookup_min=1")
            .model()
            .speculative());
    assertTrue(
        mistake("model: {speculative: {prompt_lookup_mix: 3}}")
            .getMessage()
            .contains("model.speculative.prompt_lookup_m"));
    assertTrue(
        mistake("model: {speculative: ngram}").getMessage().contains("num_speculative_tokens"));
    assertTrue(
        mistake("model: {speculative: {num_speculative_tokens: 0}}")
            .getMessage()
            .contains("num_speculative_tokens = 0"));
  }

  @Test
  void aGpuStageIsReadWithItsExecutors() throws IOException {
    assertNull(load("spark: {master: yarn}").spark().gpuStage());
    assertEquals(GpuStage.DEFAULTS, load("spark: {gpu_stage: {}}").spark().gpuStage());
    assertEquals(
        new GpuStage(4, 16, "8g", "24g", "./gpu-discovery.sh", "nvidia.com"),
        load("spark: {gpu_stage: {tasks_per_gpu: 4, executor_cores: 16, executor_memory: 8g,"
                + " executor_memory_overhead: 24g, discovery_script: ./gpu-discovery.sh,"
                + " vendor: nvidia.com}}")
            .spark()
            .gpuStage());
    assertTrue(mistake("spark: {gpu_stage: {tasks_per_gpu: 0}}").getMessage().contains("tasks"));
  }

  @Test
  void theEnginesChoicesReachIt() throws IOException {
    String yaml =
        """
        model:
          path: /m
          lora: /adapter
          quantization: int4
          lm_head_quantization: int4
          kv_cache_dtype: bfloat16
          kernels: native
          weights_cache: /cache
          enable_prefix_caching: false
          speculative: {num_speculative_tokens: 3}
          step_timeout: 30
          gpu_memory_utilization: 0.5
        """;
    assertEquals(
        EngineOptions.builder("/m", Quantization.INT4)
            .lmHeadQuantization(LmHeadQuantization.INT4)
            .lora("/adapter")
            .kvCacheDtype(KvCacheDtype.BFLOAT16)
            .kernels(Kernels.NATIVE)
            .weightsCache("/cache")
            .enablePrefixCaching(false)
            .speculative(new Speculative(3, 4, 2, 8))
            .stepTimeoutSeconds(30)
            .gpuMemoryUtilization(0.5)
            .build(),
        load(yaml).model().engineOptions());
    String cache =
        load(yaml, "model.weights_cache=relative").model().engineOptions().weightsCache();
    assertEquals(Path.of("relative").toAbsolutePath().toString(), cache);
    // Which is false in YAML 1.1.
    assertEquals("off", load("model: {path: /m, weights_cache: off}").model().weightsCache());
    assertEquals(
        "off", load(yaml, "model.weights_cache=off").model().engineOptions().weightsCache());
  }

  @ParameterizedTest
  @CsvSource({
    "kernels, fast, auto; stock; native",
    "lm_head_quantization, int3, auto; int8; int4",
    "lm_head_quantization, int4, `quantization` is auto",
    "kv_cache_dtype, fp8, auto; float32; bfloat16",
    "step_timeout, 0, step_timeout must be at least 1",
    "gpu_memory_utilization, 1.5, above 0 and at most 1"
  })
  void wrongChoicesOfTheEngineAreRefused(String key, String value, String told) throws IOException {
    ModelConfig model = load("model: {path: /m, %s: %s}".formatted(key, value)).model();
    UserException e = assertThrows(UserException.class, model::engineOptions);
    assertTrue(e.getMessage().contains(told.replace(';', ',')), e.getMessage());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "quickstart",
        "aime25",
        "aime24",
        "gsm8k",
        "qwen3-4b-thinking-2507",
        "qwen3-4b-instruct-2507"
      })
  void theFilesInConfAreValid(String name) {
    EvaluateConfig config =
        ConfigFile.load(
            CONF.resolve(name + ".yaml"),
            List.of(Setting.parse("model.path=x")),
            EvaluateConfig.DEFAULTS);
    assertEquals("boxed_integer", config.scorer());
  }

  // Sampling of the two model cards: shared/facts/evaluation.md's table, from huggingface.co/Qwen.
  @ParameterizedTest
  @CsvSource({"thinking,0.6,0.95,20,0,81920", "instruct,0.7,0.8,20,0,16384"})
  void theModelCardsSamplingIsConfigured(
      String model, double temperature, double topP, int topK, double minP, int maxTokens) {
    SamplingConfig sampling =
        ConfigFile.load(
                CONF.resolve("qwen3-4b-" + model + "-2507.yaml"),
                List.of(),
                EvaluateConfig.DEFAULTS)
            .sampling();
    assertEquals(temperature, sampling.temperature());
    assertEquals(topP, sampling.topP());
    assertEquals(topK, sampling.topK());
    assertEquals(minP, sampling.minP());
    assertEquals(maxTokens, sampling.maxTokens());
  }

  @Test
  void valuesOfAllTypesAreRead() throws IOException {
    EvaluateConfig config =
        load(
            """
            model: {path: /m, quantization: int8, enable_thinking: false, kv_cache_tokens: 5000000000}
            sampling:
              n: 4
              temperature: 1
              top_p: 0.95
              stop: ["</end>", b]
              stop_token_ids: 7
            pass_at_k: [4, 1]
            spark:
              conf: {spark.executor.cores: 4, spark.ui.enabled: false, spark.local.dir: "/x"}
            """);
    assertEquals(
        EngineOptions.builder("/m", Quantization.INT8)
            .enableThinking(false)
            .kvCacheTokens(5_000_000_000L)
            .build(),
        config.model().engineOptions());
    assertEquals(1.0, config.sampling().temperature());
    assertEquals(List.of("</end>", "b"), config.sampling().stop());
    assertEquals(List.of(7), config.sampling().stopTokenIds());
    assertEquals(List.of(1, 4), config.ks());
    assertEquals(
        Map.of("spark.executor.cores", "4", "spark.ui.enabled", "false", "spark.local.dir", "/x"),
        config.spark().conf());
  }

  @Test
  void settingsReplaceWhatTheFileSays() throws IOException {
    EvaluateConfig config =
        load(
            "sampling: {temperature: 0.6, seed: 3}\nspark: {conf: {spark.a.b: 1, spark.c: 2}}",
            "sampling.temperature=0.7",
            "sampling.stop=[a, \"b c\"]",
            "dataset.prompt_template={problem}: \\boxed{}",
            "spark.conf.spark.a.b=9",
            "output.run_id=null");
    assertEquals(0.7, config.sampling().temperature());
    assertEquals(3, config.sampling().seed());
    assertEquals(List.of("a", "b c"), config.sampling().stop());
    assertEquals("{problem}: \\boxed{}", config.dataset().promptTemplate());
    assertEquals(Map.of("spark.a.b", "9", "spark.c", "2"), config.spark().conf());
  }

  @Test
  void pathsMayBeginWithTheConfigurationsFolder() throws IOException {
    EvaluateConfig config =
        load("model: {path: \"${config_dir}/../m\"}\ndataset: {path: \"${config_dir}/d.jsonl\"}");
    assertEquals(
        folder.resolve("../m").toAbsolutePath().normalize().toString(),
        config.model().engineOptions().model());
    assertEquals("file:" + folder.toAbsolutePath() + "/d.jsonl", config.dataset().path());
  }

  @Test
  void withoutAListPassAtKHasThePowersOfTwoAndN() throws IOException {
    assertEquals(List.of(1), load("").ks());
    assertEquals(List.of(1, 2, 4), load("sampling: {n: 4}").ks());
    assertEquals(List.of(1, 2, 4, 6), load("sampling: {n: 6}").ks());
  }
}
