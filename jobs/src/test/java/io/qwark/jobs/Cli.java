package io.qwark.jobs;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Runs a command line in this process with {@link FakeModels}. */
final class Cli {
  static final Path ROOT = Path.of(System.getProperty("qwark.root"));

  /** A real folder, for the checks that the driver makes; the fake loads nothing of it. */
  static final Path MODEL = ROOT.resolve("datasets/quickstart/model");

  private Cli() {}

  record Result(int code, String out, String err) {}

  static Result run(String... arguments) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    int code =
        Main.execute(
            List.of(arguments),
            new PrintStream(out, true, StandardCharsets.UTF_8),
            new PrintStream(err, true, StandardCharsets.UTF_8),
            FakeModels::new);
    return new Result(
        code, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
  }

  /** Runs a job on two local cores, with the output in a folder. */
  static Result job(String job, Path output, String... more) {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                job,
                "--model",
                MODEL.toString(),
                "--output",
                output.toString(),
                "--run-id",
                "run",
                "--verbose",
                "--set",
                "spark.master=local[2]",
                "--set",
                "spark.conf.spark.ui.enabled=false"));
    Collections.addAll(arguments, more);
    return run(arguments.toArray(String[]::new));
  }
}
