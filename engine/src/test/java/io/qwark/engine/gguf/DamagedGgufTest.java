package io.qwark.engine.gguf;

import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.qwark.engine.api.UserException;
import io.qwark.engine.checkpoint.Tensor;
import io.qwark.engine.text.Tokenizer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Whatever a file holds, each part of it is read or ends in a UserException. */
@Timeout(value = 20, unit = TimeUnit.SECONDS)
class DamagedGgufTest {
  private static final long[] LENGTHS = {
    0,
    1,
    0x7F,
    0xFF,
    1 << 16,
    0x7FFFFFFFL,
    0x80000000L,
    0xFFFFFFFFL,
    1L << 40,
    Long.MAX_VALUE,
    Long.MIN_VALUE,
    -1
  };

  /** Far below what a length that is believed would ask for, far above what is needed. */
  private static final long MOST_NUMBERS = 1 << 20;

  private static final byte[] LLAMA = llama();
  private static final byte[] SPM = spm();

  @TempDir Path folder;

  private interface Part {
    Object read() throws IOException;
  }

  static Stream<Integer> seeds() {
    return IntStream.range(0, 800).boxed();
  }

  @Test
  void undamagedFilesAreReadWhole() throws IOException {
    for (byte[] sound : new byte[][] {LLAMA, SPM}) {
      GgufModel model = GgufModel.open(Files.write(folder.resolve("m.gguf"), sound));
      assertNotNull(model.config());
      assertNotNull(model.tokenizerJson());
      assertTrue(numbers(model) > 100);
    }
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void filesWithSomeBytesChanged(int seed) throws IOException {
    Random random = new Random(seed);
    byte[] sound = seed % 2 == 0 ? LLAMA : SPM;
    Path file = Files.write(folder.resolve("model.gguf"), mutated(sound, random));
    GgufModel[] model = new GgufModel[1];
    if (!reads(() -> model[0] = GgufModel.open(file))) {
      return;
    }
    reads(model[0]::config);
    reads(model[0]::generationDefaults);
    reads(model[0]::chatTemplate);
    reads(model[0]::digest);
    reads(() -> numbers(model[0]));
    reads(
        () -> {
          String json = model[0].tokenizerJson();
          try (Tokenizer tokenizer = Tokenizer.of(json, file)) {
            return tokenizer.encode("ab <s> ba\n");
          }
        });
  }

  private static boolean reads(Part part) throws IOException {
    try {
      part.read();
      return true;
    } catch (UserException e) {
      assertTrue(e.getMessage().contains("model.gguf"), e.getMessage());
      assertTrue(e.getMessage().length() < 1500, "a message of " + e.getMessage().length());
      return false;
    }
  }

  private static long numbers(GgufModel model) {
    long count = 0;
    for (Tensor tensor : model.tensors().entries()) {
      assertTrue(tensor.size() < MOST_NUMBERS, tensor.toString());
      float[] numbers = new float[(int) tensor.size()];
      tensor.read(0, (int) tensor.rowCount(), numbers);
      count += numbers.length;
    }
    return count;
  }

  private static byte[] llama() {
    GgufWriter writer =
        ConvertedModel.of(Path.of("src/test/resources/goldens/random-llama/model")).metadata();
    try {
      ConvertedModel.addTokenizer(
          writer, Path.of("../datasets/quickstart/model/tokenizer.json"), "llama-bpe");
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    for (GgmlType type : GgmlType.values()) {
      if (type.readable()) {
        byte[] data = new byte[2 * 256 / type.block() * type.bytes()];
        new Random(1).nextBytes(data);
        int id =
            IntStream.range(0, 64).filter(i -> GgmlType.of(i) == type).findFirst().orElseThrow();
        writer.raw("blk.0." + type + ".weight", id, new long[] {2, 256}, data);
      }
    }
    return writer
        .f32("token_embd.weight", new long[] {4, 64}, new float[256])
        .f32("blk.0.attn_q.weight", new long[] {64, 2}, new float[128])
        .bytes();
  }

  private static byte[] spm() {
    return ConvertedModel.of(Path.of("src/test/resources/goldens/random-yarn/model"))
        .metadata()
        .put("tokenizer.ggml.model", "llama")
        .put("tokenizer.ggml.tokens", List.of("<unk>", "<s>", "a", "b", "ab", "▁", "<0x0A>"))
        .put("tokenizer.ggml.scores", List.of(0f, 0f, -3f, -2f, -1f, -4f, 0f))
        .put("tokenizer.ggml.token_type", List.of(2, 3, 1, 1, 1, 1, 6))
        .put("tokenizer.ggml.eos_token_id", 1)
        .put("tokenizer.chat_template", "{{ messages }}")
        .put("general.sampling.temp", 0.5f)
        .f32("token_embd.weight", new long[] {7, 64}, new float[448])
        .bytes();
  }

  /** One to three changes: bytes, a length or number put in place, a cut, a range moved. */
  private static byte[] mutated(byte[] file, Random random) {
    byte[] bytes = file.clone();
    for (int i = 1 + random.nextInt(3); i > 0 && bytes.length > 16; i--) {
      // Mostly in the head, where each byte means something.
      int within = random.nextInt(4) == 0 ? bytes.length : Math.min(bytes.length, 1200);
      int at = random.nextInt(within - 8);
      ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
      long length = LENGTHS[random.nextInt(LENGTHS.length)];
      switch (random.nextInt(6)) {
        case 0 -> bytes[at] = (byte) random.nextInt(256);
        case 1 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
        case 2 -> buffer.putLong(at, length);
        case 3 -> buffer.putInt(at, (int) length);
        case 4 -> bytes = Arrays.copyOf(bytes, at + random.nextInt(bytes.length - at));
        default -> {
          int from = random.nextInt(bytes.length);
          int count = Math.min(random.nextInt(40), bytes.length - Math.max(at, from));
          System.arraycopy(bytes, from, bytes, at, count);
        }
      }
    }
    return bytes;
  }
}
