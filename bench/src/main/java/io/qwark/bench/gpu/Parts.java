package io.qwark.bench.gpu;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Runs parts of the check as processes, so that none of them brings the others down. */
final class Parts {
  private static final int LAST_LINES = 6;

  private final Path logs;
  private final Map<String, String> environment;

  /**
   * @param logs folder for what parts print
   * @param environment of the engine's processes, beside this one's
   */
  Parts(Path logs, Map<String, String> environment) {
    this.logs = logs;
    this.environment = environment;
  }

  /** A process with the engine. */
  PartResult engine(String name, double limit, List<String> command) {
    return run(name, limit, command, environment, false);
  }

  /** Another process, without the settings of the engine's. */
  PartResult other(String name, double limit, List<String> command) {
    return run(name, limit, command, Map.of(), true);
  }

  private PartResult run(
      String name,
      double limit,
      List<String> command,
      Map<String, String> more,
      boolean forgetSettings) {
    Path log = logs.resolve(name.replaceAll("[^A-Za-z0-9.]+", "-") + ".log");
    System.err.printf("%s, at most %.0f s ...%n", name, limit);
    long begun = System.nanoTime();
    try {
      ProcessBuilder builder =
          new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile());
      builder.environment().putAll(more);
      if (forgetSettings) {
        builder
            .environment()
            .keySet()
            .removeIf(k -> k.startsWith("MALLOC_") || k.startsWith("OMP_"));
      }
      Process process = builder.start();
      process.getOutputStream().close();
      boolean ended = process.waitFor((long) (limit * 1000), TimeUnit.MILLISECONDS);
      if (!ended) {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly().waitFor();
      }
      double seconds = (System.nanoTime() - begun) / 1e9;
      if (ended && process.exitValue() == 0) {
        return new PartResult(name, PartResult.Status.DONE, seconds, null);
      }
      String how =
          ended
              ? "it ended with %d: ".formatted(process.exitValue())
              : "it was stopped after %.0f s: ".formatted(seconds);
      return new PartResult(name, PartResult.Status.FAILED, seconds, how + lastLines(log));
    } catch (IOException e) {
      return PartResult.failed(name, e.toString());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return PartResult.failed(name, e.toString());
    }
  }

  private static String lastLines(Path log) {
    try {
      String text = new String(Files.readAllBytes(log), StandardCharsets.UTF_8);
      List<String> lines = text.lines().filter(line -> !line.isBlank()).toList();
      return String.join(
          " | ", lines.subList(Math.max(0, lines.size() - LAST_LINES), lines.size()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
