package io.qwark.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** One side of the comparison: a process that loads a model and then does one job after another. */
final class MeasuredProcess implements AutoCloseable {
  private static final int SECONDS_TO_END = 60;

  private final String name;
  private final Process process;
  private final BufferedReader answers;
  private final PrintWriter jobs;
  private final Answer ready;

  /**
   * Starts the process and waits until its model is loaded.
   *
   * @param name for messages
   */
  MeasuredProcess(String name, List<String> command) {
    this.name = name;
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT);
    if (!name.equals(Side.OURS)) {
      // Set by run.sh as our engine wants them; others shall run as they do by themselves.
      builder.environment().keySet().removeIf(k -> k.startsWith("MALLOC_") || k.startsWith("OMP_"));
    }
    try {
      process = builder.start();
    } catch (IOException e) {
      throw new IllegalStateException("Cannot start " + name + ": " + e.getMessage(), e);
    }
    answers =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    jobs = new PrintWriter(process.getOutputStream(), false, StandardCharsets.UTF_8);
    ready = answer("ready");
  }

  /** What the process said of itself when its model was loaded. */
  Answer ready() {
    return ready;
  }

  Answer run(Job job) {
    jobs.println(job.line());
    jobs.flush();
    return answer("result");
  }

  ProcessMemory memory() {
    return ProcessMemory.of(process.toHandle());
  }

  private Answer answer(String word) {
    try {
      String line = answers.readLine();
      return Answer.parse(word, line == null ? "it ended without an answer" : line);
    } catch (IOException | IllegalStateException e) {
      process.destroyForcibly();
      throw new IllegalStateException(name + " failed: " + e.getMessage(), e);
    }
  }

  /** Ends the process and waits until its memory is free. */
  @Override
  public void close() {
    jobs.close();
    try {
      if (!process.waitFor(SECONDS_TO_END, TimeUnit.SECONDS)) {
        process.destroyForcibly().waitFor();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
