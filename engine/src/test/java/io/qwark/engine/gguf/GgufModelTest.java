package io.qwark.engine.gguf;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.qwark.engine.api.GenerationDefaults;
import io.qwark.engine.api.UserException;
import io.qwark.engine.checkpoint.ModelConfig;
import io.qwark.engine.checkpoint.RopeScaling;
import io.qwark.engine.checkpoint.Tensor;
import io.qwark.engine.checkpoint.Tensors;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A model is the same whether it comes from its folder or from a GGUF file; what is computed of the
 * folders is held to Transformers in TransformersParityTest.
 */
class GgufModelTest {
  @TempDir Path temporary;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "random-tied",
        "random-untied",
        "random-yarn",
        "random-qwen2",
        "random-llama",
        "random-llama-tied"
      })
  void configAndWeightsAreThoseOfTheFolder(String name) throws IOException {
    ConvertedModel folder = folder(name);
    Path file = temporary.resolve("model.gguf");
    folder.whole().write(file);

    GgufModel model = GgufModel.open(file);

    assertSame(folder.config(), model.config());
    assertSame(folder, model.tensors());
  }

  @Test
  void partsAreOneModelWhicheverIsNamed() throws IOException {
    ConvertedModel folder = folder("random-qwen2");
    for (int part = 0; part < 3; part++) {
      GgufWriter writer = part == 0 ? folder.metadata() : new GgufWriter();
      int each = part;
      folder.addTensors(writer, n -> Math.floorMod(n.hashCode(), 3) == each);
      writer
          .put("split.no", part)
          .put("split.count", 3)
          .put("split.tensors.count", folder.tensors().entries().size())
          .write(part(part));
    }
    for (int part = 0; part < 3; part++) {
      GgufModel model = GgufModel.open(part(part));
      assertEquals(part(0), model.path());
      assertEquals(List.of(part(0), part(1), part(2)), model.tensors().files());
      assertSame(folder.config(), model.config());
      assertSame(folder, model.tensors());
    }
    assertEquals(part(0), GgufModel.in(temporary));

    part(1).toFile().delete();
    assertFails("these are missing: m-00002-of-00003.gguf", () -> GgufModel.open(part(0)));
  }

  @Test
  void partsOfDifferentModelsAreRefused() throws IOException {
    for (int part = 0; part < 2; part++) {
      new GgufWriter()
          .put("split.no", 0)
          .put("split.count", 2)
          .f32("t" + part, new long[] {1}, 1)
          .write(temporary.resolve("m-0000%d-of-00002.gguf".formatted(part + 1)));
    }
    assertFails(
        "does not say that it is part 2 of 2",
        () -> GgufModel.open(temporary.resolve("m-00001-of-00002.gguf")));
  }

  @Test
  void aFolderWithSeveralModelsAsksForOne() throws IOException {
    assertNull(GgufModel.in(temporary));
    new GgufWriter().write(temporary.resolve("mmproj-model-f16.gguf"));
    assertNull(GgufModel.in(temporary));
    new GgufWriter().write(temporary.resolve("a.Q8_0.gguf"));
    assertEquals(temporary.resolve("a.Q8_0.gguf"), GgufModel.in(temporary));
    new GgufWriter().write(temporary.resolve("a.Q4_0.gguf"));
    assertFails("2 GGUF models: a.Q4_0.gguf, a.Q8_0.gguf", () -> GgufModel.in(temporary));
  }

  @Test
  void theDigestChangesWithAnyByte() throws IOException {
    Path file = temporary.resolve("model.gguf");
    new GgufWriter().f32("t", new long[] {2}, 1, 2).write(file);
    String before = GgufModel.open(file).digest();
    new GgufWriter().f32("t", new long[] {2}, 1, 3).write(file);
    assertEquals(64, before.length());
    assertTrue(!before.equals(GgufModel.open(file).digest()));
  }

  @Test
  void samplingIsWhatTheFileRecommends() throws IOException {
    GgufWriter writer =
        new GgufWriter()
            .put("tokenizer.ggml.tokens", List.of("a", "<|im_end|>", "<|endoftext|>", "</s>"))
            .put("tokenizer.ggml.token_type", List.of(1, 3, 3, 1));
    assertEquals(GenerationDefaults.none(List.of(1, 2)), open(writer).generationDefaults());
    writer
        .put("tokenizer.ggml.eos_token_id", 3)
        .put("tokenizer.ggml.eot_token_id", 1)
        .put("general.sampling.temp", 0.6f)
        .put("general.sampling.top_p", 0.95f)
        .put("general.sampling.top_k", 20)
        .put("general.sampling.min_p", 0.05f)
        .put("general.sampling.penalty_repeat", 1.05f);
    assertEquals(
        new GenerationDefaults(0.6, 0.95, 20, 0.05, 1.05, List.of(3, 1, 2)),
        open(writer).generationDefaults());
    assertFails(
        "it is to be sampled with `general.sampling.mirostat`",
        () -> open(writer.put("general.sampling.mirostat", 2)).generationDefaults());
  }

  @Test
  void theChatTemplateIsTheFilesOwn() throws IOException {
    assertNull(open(new GgufWriter()).chatTemplate());
    assertEquals(
        "{{ x }}", open(new GgufWriter().put("tokenizer.chat_template", "{{ x }}")).chatTemplate());
  }

  @ParameterizedTest(name = "{1}")
  @CsvSource(
      delimiter = '|',
      value = {
        "general.architecture=gemma3                   | general.architecture is gemma3",
        "general.architecture=qwen3moe                 | architectures qwen3, qwen2, llama",
        "llama.expert_count=8                          | a mixture of 8 experts",
        "llama.attention.sliding_window=4096           | layers see a window",
        "llama.attention.value_length=32               | turns whole heads of one width",
        "llama.rope.dimension_count=8                  | `llama.rope.dimension_count` is 8",
        "llama.rope.scaling.type=longrope              | `llama.rope.scaling.type` is longrope",
        "llama.rope.scaling.type=linear                | `llama.rope.scaling.factor` is missing",
        "llama.attention.logit_softcap=3               | which is not known",
        "llama.attention.head_count=3 | no multiple of the 3 heads",
        "llama.attention.head_count_kv=3 | is not a multiple of",
        "llama.attention.head_count=0                  | no whole number between 1 and 4096",
        "llama.context_length=text                     | it is text",
        "tokenizer.ggml.eos_token_id=3                 | no whole number between 0 and 2"
      })
  void whatCannotBeRunIsRefused(String change, String reason) {
    String[] pair = change.trim().split("=");
    assertFails(
        reason,
        () -> {
          GgufWriter writer = folder("random-llama-tied").metadata();
          writer.f32("token_embd.weight", new long[] {1, 64}, new float[64]);
          writer.put(
              pair[0], pair[1].matches("[0-9]+") ? Integer.valueOf(pair[1]) : (Object) pair[1]);
          open(writer).config();
        });
  }

  @Test
  void listsOfEqualNumbersForEachLayerAreOneNumber() throws IOException {
    GgufWriter writer = folder("random-llama-tied").metadata();
    writer.f32("token_embd.weight", new long[] {1, 64}, new float[64]);
    writer.put("llama.attention.head_count_kv", List.of(2, 2));
    assertEquals(2, open(writer).config().numKeyValueHeads());
    writer.put("llama.attention.head_count_kv", List.of(2, 4));
    assertFails("differs between layers", () -> open(writer).config());
  }

  @Test
  void aTensorThatNobodyKnowsKeepsItsName() throws IOException {
    GgufWriter writer =
        new GgufWriter()
            .put("general.architecture", "qwen3")
            .f32("blk.0.attn_sinks.weight", new long[] {1}, 1)
            .f32("blk.00.attn_q.weight", new long[] {1}, 1);
    assertEquals(
        Set.of("blk.0.attn_sinks.weight", "blk.00.attn_q.weight"), names(open(writer).tensors()));
  }

  private interface Action {
    void run() throws IOException;
  }

  private static void assertFails(String part, Action action) {
    UserException e = assertThrows(UserException.class, action::run);
    assertTrue(e.getMessage().contains(part), e.getMessage());
  }

  private GgufModel open(GgufWriter writer) throws IOException {
    Path file = temporary.resolve("model.gguf");
    writer.write(file);
    return GgufModel.open(file);
  }

  private Path part(int index) {
    return temporary.resolve("m-%05d-of-00003.gguf".formatted(index + 1));
  }

  private static ConvertedModel folder(String name) {
    return ConvertedModel.of(Path.of("src/test/resources/goldens", name, "model"));
  }

  private static Set<String> names(Tensors tensors) {
    return tensors.entries().stream().map(Tensor::name).collect(Collectors.toSet());
  }

  /** But for the type that weights are held in; Llama 3's rotation up to the last bits. */
  private static void assertSame(ModelConfig expected, ModelConfig actual) {
    float[] periods = new float[expected.headDim() / 2];
    for (int i = 0; i < periods.length; i++) {
      periods[i] = (float) Math.pow(expected.ropeTheta(), 2.0 * i / expected.headDim());
    }
    float[] turns = expected.ropeScaling().frequencies(expected.ropeTheta(), periods);
    float[] same = actual.ropeScaling().frequencies(actual.ropeTheta(), periods);
    for (int i = 0; i < periods.length; i++) {
      assertEquals(turns[i], same[i], 3e-7f * turns[i]);
    }
    assertEquals(
        expected.ropeScaling() instanceof RopeScaling.Llama3,
        actual.ropeScaling() instanceof RopeScaling.Divided);
    assertEquals(expected, with(actual, expected));
  }

  private static ModelConfig with(ModelConfig config, ModelConfig other) {
    boolean divided = config.ropeScaling() instanceof RopeScaling.Divided;
    return new ModelConfig(
        config.family(),
        config.vocabSize(),
        config.hiddenSize(),
        config.intermediateSize(),
        config.numHiddenLayers(),
        config.numAttentionHeads(),
        config.numKeyValueHeads(),
        config.headDim(),
        config.rmsNormEps(),
        config.ropeTheta(),
        divided ? other.ropeScaling() : config.ropeScaling(),
        config.maxPositionEmbeddings(),
        config.tieWordEmbeddings(),
        config.eosTokenIds(),
        other.dtype());
  }

  private static void assertSame(ConvertedModel folder, Tensors actual) {
    Set<String> expected = names(folder.tensors());
    if (folder.config().tieWordEmbeddings()) {
      expected.remove("lm_head.weight");
    }
    assertEquals(expected, names(actual));
    for (String name : expected) {
      Tensor there = folder.tensors().find(name);
      Tensor here = actual.find(name);
      assertArrayEquals(there.shape(), here.shape(), name);
      assertArrayEquals(numbers(there), numbers(here), name);
      int last = (int) there.rowCount() - 1;
      float[] row = new float[(int) there.rowSize()];
      float[] sameRow = row.clone();
      there.read(last, 1, row);
      here.read(last, 1, sameRow);
      assertArrayEquals(row, sameRow, name);
    }
  }

  private static float[] numbers(Tensor tensor) {
    float[] numbers = new float[(int) tensor.size()];
    tensor.read(0, (int) tensor.rowCount(), numbers);
    return numbers;
  }
}
