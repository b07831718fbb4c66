package io.qwark.engine.cuda;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Builds a libcuda that answers as a test wants; skips the test where there is no C compiler. */
final class FakeDriver {
  private static final Path COMPILER = Path.of("/usr/bin/cc");

  private FakeDriver() {}

  /**
   * @param macros of fake_cuda.c, such as COUNT=2
   * @return path of the library
   */
  static String build(Path folder, String... macros) throws IOException {
    assumeTrue(Files.isExecutable(COMPILER), "no C compiler: " + COMPILER);
    Path source = folder.resolve("fake_cuda.c");
    try (InputStream in = FakeDriver.class.getResourceAsStream("fake_cuda.c")) {
      Files.write(source, in.readAllBytes());
    }
    // A name of its own each: the process keeps what it has loaded.
    Path library = folder.resolve("libcuda" + String.join("", macros).replace("=", "") + ".so");
    List<String> command = new ArrayList<>(List.of(COMPILER.toString(), "-shared", "-fPIC"));
    for (String macro : macros) {
      command.add("-D" + macro);
    }
    command.addAll(List.of("-o", library.toString(), source.toString()));
    Process compiler = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(compiler.getInputStream().readAllBytes(), UTF_8);
    try {
      assertEquals(0, compiler.waitFor(), output);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
    return library.toString();
  }
}
