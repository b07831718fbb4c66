package io.qwark.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Memory of a process that lies in RAM, in MiB, as Linux counts it.
 *
 * @param anonymous its own: heap, weights, cache, temporaries
 * @param mapped pages of mapped files, such as a checkpoint's, which the system may drop
 * @param peak the most that both came to together
 */
record ProcessMemory(long anonymous, long mapped, long peak) {
  /** Of this process. */
  static ProcessMemory now() {
    return of(ProcessHandle.current());
  }

  static ProcessMemory of(ProcessHandle process) {
    try {
      List<String> lines = Files.readAllLines(Path.of("/proc/" + process.pid() + "/status"));
      return new ProcessMemory(
          mebibytes(lines, "RssAnon:"), mebibytes(lines, "RssFile:"), mebibytes(lines, "VmHWM:"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static long mebibytes(List<String> lines, String name) {
    return lines.stream()
        .filter(line -> line.startsWith(name))
        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) >> 10)
        .findFirst()
        .orElseThrow(() -> new IllegalStateException("A process has no " + name));
  }
}
