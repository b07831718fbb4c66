package io.qwark.engine.torch;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** What the processor can do, as Linux tells it. */
public final class CpuFeatures {
  private static final Path CPUINFO = Path.of("/proc/cpuinfo");

  private CpuFeatures() {}

  /**
   * Whether 8-bit products are summed in 32 bits at once (VNNI). Without it oneDNN adds pairs in 16
   * bits, which saturate for weights above 63.
   */
  public static boolean exactInt8() {
    Set<String> flags = flags();
    return flags.contains("avx512_vnni") || flags.contains("avx_vnni");
  }

  /**
   * Largest magnitude of a quantized weight in stock operators: 63 where the processor would
   * saturate sums of two products, else 127.
   */
  static int int8Levels() {
    return exactInt8() ? 127 : 63;
  }

  /** The processor's flags; empty where there is no {@code /proc/cpuinfo}. */
  public static Set<String> flags() {
    try {
      List<String> lines = Files.exists(CPUINFO) ? Files.readAllLines(CPUINFO) : List.of();
      return lines.stream()
          .filter(line -> line.startsWith("flags"))
          .limit(1)
          .flatMap(line -> Arrays.stream(line.substring(line.indexOf(':') + 1).strip().split(" ")))
          .collect(Collectors.toSet());
    } catch (IOException e) {
      return Set.of();
    }
  }
}
