package io.qwark.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.qwark.engine.api.EngineOptions;
import io.qwark.engine.api.Quantization;
import io.qwark.engine.api.UserException;
import io.qwark.engine.checkpoint.SafeTensors;
import io.qwark.engine.checkpoint.SafeTensorsWriter;
import io.qwark.engine.checkpoint.TensorEntry;
import io.qwark.engine.checkpoint.Tensors;
import io.qwark.engine.model.StepScores;
import io.qwark.engine.sample.Penalties;
import io.qwark.engine.schedule.Scheduler;
import io.qwark.engine.schedule.Sequence;
import io.qwark.engine.torch.CausalLm;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.ShortBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The same numbers in BF16, F32 and several shards make the same model; wrong ones make none. */
class WeightTypesTest {
  private static final String MODEL = "random-untied";
  private static final String DAMAGED = "model.layers.1.mlp.up_proj.weight";

  @TempDir Path folder;

  @ParameterizedTest
  @EnumSource(names = {"FLOAT32", "BFLOAT16", "INT8", "INT4"})
  void float32AndBfloat16HoldTheSameModel(Quantization quantization) throws IOException {
    SafeTensorsWriter writer = new SafeTensorsWriter();
    for (TensorEntry entry : original().entries()) {
      writer.raw(entry.name(), "F32", entry.shape(), widened(entry));
    }
    writer.write(folder.resolve("model.safetensors"));
    assertArrayEquals(logits(original(), quantization), logits(open(), quantization));
  }

  @Test
  void float16IsReadAsSuch() throws IOException {
    // Every weight of the norms becomes 1.5 (0x3E00 in IEEE 754 half, 0x3FC0 in bfloat16).
    SafeTensorsWriter half = new SafeTensorsWriter();
    SafeTensorsWriter brain = new SafeTensorsWriter();
    for (TensorEntry entry : original().entries()) {
      boolean norm = entry.name().contains("norm");
      half.raw(
          entry.name(),
          norm ? "F16" : "BF16",
          entry.shape(),
          norm ? filled(entry, (short) 0x3E00) : bytes(entry));
      brain.raw(
          entry.name(), "BF16", entry.shape(), norm ? filled(entry, (short) 0x3FC0) : bytes(entry));
    }
    half.write(folder.resolve("model.safetensors"));
    float[] expected = logits(open(), Quantization.FLOAT32);
    brain.write(folder.resolve("model.safetensors"));
    assertArrayEquals(expected, logits(open(), Quantization.FLOAT32));
  }

  @Test
  void shardsMakeUpOneModel() throws IOException {
    List<SafeTensorsWriter> shards = List.of(new SafeTensorsWriter(), new SafeTensorsWriter());
    List<String> index = new ArrayList<>();
    for (TensorEntry entry : original().entries()) {
      int shard = index.size() % 2;
      shards.get(shard).raw(entry.name(), "BF16", entry.shape(), bytes(entry));
      index.add("\"" + entry.name() + "\":\"shard-" + shard + ".safetensors\"");
    }
    shards.get(0).write(folder.resolve("shard-0.safetensors"));
    shards.get(1).write(folder.resolve("shard-1.safetensors"));
    Files.writeString(
        folder.resolve("model.safetensors.index.json"),
        "{\"metadata\":{},\"weight_map\":{" + String.join(",", index) + "}}");
    assertArrayEquals(
        logits(original(), Quantization.FLOAT32), logits(open(), Quantization.FLOAT32));
  }

  @Test
  void aMissingAWrongAndAnUnknownTensorAreNamed() throws IOException {
    assertRefused("", new long[] {}, "tensor " + DAMAGED + " is missing");
    assertRefused(DAMAGED, new long[] {96, 160}, "[96, 160]");
    assertRefused(DAMAGED + "_scale", new long[] {160, 96}, DAMAGED);
  }

  private void assertRefused(String name, long[] shape, String expected) throws IOException {
    SafeTensorsWriter writer = new SafeTensorsWriter();
    for (TensorEntry entry : original().entries()) {
      if (!entry.name().equals(DAMAGED)) {
        writer.raw(entry.name(), "BF16", entry.shape(), bytes(entry));
      } else if (!name.isEmpty()) {
        writer.raw(name, "BF16", shape, bytes(entry));
      }
    }
    writer.write(folder.resolve("model.safetensors"));
    UserException e = assertThrows(UserException.class, () -> logits(open(), Quantization.FLOAT32));
    assertTrue(e.getMessage().contains(expected), e.getMessage());
  }

  private static SafeTensors original() {
    return SafeTensors.open(Goldens.modelFolder(MODEL));
  }

  private SafeTensors open() {
    return SafeTensors.open(folder);
  }

  static float[] logits(Tensors tensors, Quantization quantization) {
    Scheduler scheduler = new Scheduler(64, 1, 64);
    scheduler.add(new Sequence(new int[] {3, 1, 4, 1, 5}, 6));
    try (CausalLm model =
            CausalLm.load(
                Goldens.config(MODEL),
                tensors,
                TestEngines.backend(MODEL, quantization),
                EngineOptions.NO_WEIGHTS_CACHE,
                64,
                1);
        StepScores scores = model.step(scheduler.plan().pack())) {
      return scores.sample(new long[] {4}, Penalties.NONE).all(0).raw();
    }
  }

  private static byte[] bytes(TensorEntry entry) {
    byte[] bytes = new byte[Math.toIntExact(2 * entry.size())];
    entry.rows(0, entry.rowCount()).get(bytes);
    return bytes;
  }

  /** BF16 is the upper half of a float32. */
  private static byte[] widened(TensorEntry entry) {
    ShortBuffer values =
        entry.rows(0, entry.rowCount()).order(ByteOrder.LITTLE_ENDIAN).asShortBuffer();
    assertEquals(entry.size(), values.remaining());
    ByteBuffer wide = ByteBuffer.allocate(4 * values.remaining()).order(ByteOrder.LITTLE_ENDIAN);
    while (values.hasRemaining()) {
      wide.putInt(values.get() << 16);
    }
    return wide.array();
  }

  private static byte[] filled(TensorEntry entry, short value) {
    ByteBuffer bytes =
        ByteBuffer.allocate(Math.toIntExact(2 * entry.size())).order(ByteOrder.LITTLE_ENDIAN);
    while (bytes.hasRemaining()) {
      bytes.putShort(value);
    }
    return bytes.array();
  }
}
