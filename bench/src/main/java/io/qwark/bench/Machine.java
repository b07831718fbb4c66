package io.qwark.bench;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/**
 * What a measurement was taken on, as Linux tells it.
 *
 * @param instructions those of the processor's instruction sets that matter here
 * @param loadAverage of the last minute, before the measurement
 */
record Machine(
    String processor,
    int cores,
    @JsonProperty("l3_cache") String l3Cache,
    List<String> instructions,
    @JsonProperty("memory_mib") long memoryMib,
    String system,
    String java,
    @JsonProperty("load_average") double loadAverage) {

  private static final List<String> INSTRUCTIONS =
      List.of("avx2", "avx_vnni", "avx512f", "avx512_vnni", "avx512_bf16", "amx_bf16", "amx_int8");

  static Machine here() throws IOException {
    List<String> cpu = Files.readAllLines(Path.of("/proc/cpuinfo"));
    List<String> flags = Arrays.asList(value(cpu, "flags").split(" "));
    String memory = value(Files.readAllLines(Path.of("/proc/meminfo")), "MemTotal");
    Path cache = Path.of("/sys/devices/system/cpu/cpu0/cache/index3/size");
    return new Machine(
        value(cpu, "model name") + " (family " + value(cpu, "cpu family") + ")",
        Runtime.getRuntime().availableProcessors(),
        Files.exists(cache) ? Files.readString(cache).strip() : "unknown",
        INSTRUCTIONS.stream().filter(flags::contains).toList(),
        Long.parseLong(memory.replaceAll("\\D", "")) >> 10,
        System.getProperty("os.name") + " " + System.getProperty("os.version"),
        System.getProperty("java.vm.name") + " " + System.getProperty("java.vm.version"),
        ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage());
  }

  /** Whether others computed just before, so that figures would be wrong. */
  boolean isBusy() {
    return loadAverage > cores / 2.0;
  }

  private static String value(List<String> lines, String name) {
    return lines.stream()
        .map(line -> line.split(":", 2))
        .filter(parts -> parts.length == 2 && parts[0].strip().equals(name))
        .map(parts -> parts[1].strip())
        .findFirst()
        .orElse("unknown");
  }

  @Override
  public String toString() {
    return "%s, %d cores, %s L3, %s; %,d MiB; %s; %s"
        .formatted(
            processor, cores, l3Cache, String.join(" ", instructions), memoryMib, system, java);
  }
}
