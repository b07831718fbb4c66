package io.qwark.engine.torch;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Set;

/**
 * The operators of src/main/cpp, a library that the build adds where it finds a C++ compiler and
 * that registers them with the libtorch of the process.
 */
final class NativeKernels {
  private static final String LIBRARY = "libqwark_kernels.so";

  /** Instructions that the library is compiled for. */
  private static final List<String> NEEDED =
      List.of("avx512f", "avx512bw", "avx512dq", "avx512vl", "avx512_vnni", "fma", "f16c");

  private static boolean loaded;

  private NativeKernels() {}

  /** Why this machine or this build cannot use them; null if it can. */
  static String unavailable() {
    String platform = System.getProperty("os.name") + " " + System.getProperty("os.arch");
    if (!platform.equals("Linux amd64")) {
      return "they are for Linux on x86-64, and this is " + platform;
    }
    if (NativeKernels.class.getResource(LIBRARY) == null) {
      return "this build has none, since it found no C++ compiler";
    }
    Set<String> flags = CpuFeatures.flags();
    List<String> missing = NEEDED.stream().filter(flag -> !flags.contains(flag)).toList();
    return missing.isEmpty() ? null : "the processor lacks " + String.join(", ", missing);
  }

  /** Registers the operators, once. libtorch is there already. */
  static synchronized void load() {
    if (loaded) {
      return;
    }
    try (InputStream library = NativeKernels.class.getResourceAsStream(LIBRARY)) {
      Path file = Files.createTempFile("qwark", ".so");
      try {
        Files.copy(library, file, StandardCopyOption.REPLACE_EXISTING);
        System.load(file.toString());
      } finally {
        // The process keeps what it has mapped.
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    loaded = true;
  }
}
