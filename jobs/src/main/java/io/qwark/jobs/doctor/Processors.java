package io.qwark.jobs.doctor;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** Processors and the instructions that make tensors fast. */
final class Processors {
  private static final List<String> TOLD =
      List.of("avx2", "avx512f", "avx512_vnni", "avx_vnni", "avx512_bf16", "amx_int8");

  private Processors() {}

  static Finding look(Path cpuinfo) {
    String count = Runtime.getRuntime().availableProcessors() + " processors";
    Set<String> flags;
    try {
      flags = flags(Files.readAllLines(cpuinfo));
    } catch (IOException e) {
      return Finding.warn(
          "Processors",
          count + ", instructions unknown (" + cpuinfo + " cannot be read)",
          "Compare float32 and int8 by a run of each");
    }
    String found =
        count + ", " + TOLD.stream().filter(flags::contains).collect(Collectors.joining(" "));
    if (!flags.contains("avx2")) {
      return Finding.warn(
          "Processors", found + "no AVX2", "Use a machine with AVX2 or later: this one is slow");
    }
    if (!flags.contains("avx512_vnni") && !flags.contains("avx_vnni")) {
      return Finding.warn(
          "Processors",
          found + ", no VNNI",
          "Expect little from int8 here: it is fast with avx512_vnni or avx_vnni");
    }
    return Finding.ok("Processors", found);
  }

  private static Set<String> flags(List<String> cpuinfo) {
    return cpuinfo.stream()
        .filter(line -> line.startsWith("flags") || line.startsWith("Features"))
        .findFirst()
        .map(line -> Arrays.stream(line.substring(line.indexOf(':') + 1).strip().split("\\s+")))
        .map(words -> words.collect(Collectors.toSet()))
        .orElse(Set.of());
  }
}
