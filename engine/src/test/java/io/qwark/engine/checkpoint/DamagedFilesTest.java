package io.qwark.engine.checkpoint;

import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.qwark.engine.api.UserException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Whatever a file holds, reading it succeeds or ends in a UserException. */
@Timeout(value = 20, unit = TimeUnit.SECONDS)
class DamagedFilesTest {
  private static final String[] FRAGMENTS = {
    "{",
    "}",
    "[",
    "]",
    "\"",
    ",",
    ":",
    "null",
    "true",
    "-1",
    "1e999",
    "99999999999999999999",
    "9223372036854775807",
    "\\u0000",
    "\u0000",
    "[[[[[[[[",
    "{\"a\":{\"a\":",
    "0.5",
    "\"F16\"",
    "\"data_offsets\"",
    "\"dtype\"",
    "\ud83d\ude00"
  };

  @TempDir Path folder;

  static Stream<Integer> seeds() {
    return IntStream.range(0, 400).boxed();
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void safetensorsFiles(int seed) throws IOException {
    byte[] file =
        new SafeTensorsWriter()
            .f32("model.embed", new long[] {2, 2}, 1, 2, 3, 4)
            .raw("model.norm", "BF16", new long[] {2}, new byte[4])
            .bytes();
    Files.write(folder.resolve("model.safetensors"), mutated(file, new Random(seed)));
    try {
      for (TensorEntry entry : SafeTensors.open(folder).entries()) {
        assertTrue(entry.rows(0, entry.rowCount()).remaining() <= 20);
      }
    } catch (UserException e) {
      assertTrue(e.getMessage().contains("model.safetensors"), e.getMessage());
    }
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void configs(int seed) throws IOException {
    Path config = folder.resolve("config.json");
    Files.write(config, mutated(bytes(ModelConfigTest.CONFIG), new Random(seed)));
    Path generation = folder.resolve("generation_config.json");
    Files.write(generation, mutated(bytes(GenerationConfigTest.WHOLE), new Random(seed + 1000)));
    try {
      assertNotNull(ModelConfig.read(config).eosTokenIds());
    } catch (UserException e) {
      assertTrue(e.getMessage().contains("config.json"), e.getMessage());
    }
    try {
      assertNotNull(GenerationConfig.read(generation, ModelConfigTest.parsed(folder)));
    } catch (UserException e) {
      assertTrue(e.getMessage().contains("generation_config.json"), e.getMessage());
    }
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /** One to three changes: a byte, a cut, a fragment put in, a range repeated or left out. */
  static byte[] mutated(byte[] file, Random random) {
    byte[] bytes = file.clone();
    for (int i = 1 + random.nextInt(3); i > 0 && bytes.length > 0; i--) {
      int at = random.nextInt(bytes.length);
      int end = Math.min(bytes.length, at + random.nextInt(20));
      switch (random.nextInt(5)) {
        case 0 -> bytes[at] = (byte) random.nextInt(256);
        case 1 -> bytes = join(bytes, at, new byte[0], bytes.length);
        case 2 -> bytes = join(bytes, at, bytes(FRAGMENTS[random.nextInt(FRAGMENTS.length)]), at);
        case 3 -> bytes = join(bytes, end, new byte[0], at);
        default -> bytes = join(bytes, at, new byte[0], end);
      }
    }
    return bytes;
  }

  private static byte[] join(byte[] bytes, int head, byte[] middle, int tail) {
    byte[] joined = new byte[head + middle.length + bytes.length - tail];
    System.arraycopy(bytes, 0, joined, 0, head);
    System.arraycopy(middle, 0, joined, head, middle.length);
    System.arraycopy(bytes, tail, joined, head + middle.length, bytes.length - tail);
    return joined;
  }
}
