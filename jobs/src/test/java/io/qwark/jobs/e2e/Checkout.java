package io.qwark.jobs.e2e;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * A checkout that holds what this build made, wherever the build put it, and a working folder
 * outside of it from which submit.sh is called.
 */
final class Checkout {
  static final Path ROOT = Path.of(System.getProperty("qwark.root")).toAbsolutePath();
  static final Path MODEL = ROOT.resolve("datasets/quickstart/model");
  static final Path PROBLEMS = ROOT.resolve("datasets/quickstart/problems.jsonl");

  private static final long MINUTES = 5;

  /** Variables of whoever runs the tests that would change what submit.sh does. */
  private static final List<String> NOT_OURS =
      List.of(
          "SPARK_HOME",
          "SPARK_CONF_DIR",
          "SPARK_SUBMIT_OPTS",
          "SPARK_DRIVER_MEMORY",
          "QWARK_NATIVES",
          "JAVA_TOOL_OPTIONS");

  private final Path root;
  private final Path work;
  private int processes;

  private Checkout(Path root, Path work) {
    this.root = root;
    this.work = work;
  }

  static Checkout layOut(Path folder) throws IOException {
    Path root = Files.createDirectories(folder.resolve("checkout"));
    Path work = Files.createDirectories(folder.resolve("work"));
    Files.copy(ROOT.resolve("submit.sh"), root.resolve("submit.sh"));
    if (!root.resolve("submit.sh").toFile().setExecutable(true)) {
      throw new IOException("Cannot make submit.sh executable");
    }
    link(root.resolve("conf"), ROOT.resolve("conf"));
    link(root.resolve("datasets"), ROOT.resolve("datasets"));
    Path jar = Path.of(System.getProperty("qwark.jar"));
    link(root.resolve("jobs/target/qwark.jar"), jar);
    link(root.resolve("jobs/target/natives"), jar.resolveSibling("natives"));
    link(
        root.resolve("spark-runtime/target/spark"),
        Path.of(System.getProperty("qwark.spark.home")));
    return new Checkout(root, work);
  }

  private static void link(Path link, Path target) throws IOException {
    if (!Files.exists(target)) {
      throw new IllegalStateException(target + " is not there: build it first, mvn package");
    }
    Files.createDirectories(link.getParent());
    Files.createSymbolicLink(link, target);
  }

  /** A configuration that comes with the project. */
  String conf(String name) {
    return root.resolve("conf").resolve(name).toString();
  }

  /** Where runs are written if the command line names no other folder. */
  Path runs() {
    return work.resolve("runs");
  }

  /** Runs submit.sh to its end. */
  Finished submit(String... arguments) throws IOException, InterruptedException {
    return submit(List.of(arguments));
  }

  Finished submit(List<String> arguments) throws IOException, InterruptedException {
    return start(List.of(), arguments).finish();
  }

  /**
   * Starts submit.sh.
   *
   * @param prefix a command that starts it, or nothing
   */
  Running start(List<String> prefix, List<String> arguments) throws IOException {
    List<String> command = new ArrayList<>(prefix);
    command.add(root.resolve("submit.sh").toString());
    command.addAll(arguments);
    ProcessBuilder builder = new ProcessBuilder(command).directory(work.toFile());
    Map<String, String> environment = builder.environment();
    NOT_OURS.forEach(environment::remove);
    environment.put("JAVA_HOME", System.getProperty("java.home"));
    environment.put("QWARK_BUILD", "never");
    environment.put("SPARK_LOCAL_IP", "127.0.0.1");
    Path out = work.resolve(processes + ".out");
    Path err = work.resolve(processes + ".err");
    processes++;
    builder.redirectOutput(out.toFile()).redirectError(err.toFile());
    return new Running(builder.start(), out, err);
  }

  /** A process that writes into files. */
  record Running(Process process, Path out, Path err) {
    String errors() throws IOException {
      return Files.readString(err);
    }

    Finished finish() throws IOException, InterruptedException {
      if (!process.waitFor(MINUTES, TimeUnit.MINUTES)) {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
        throw new IllegalStateException("submit.sh does not end:\n" + Files.readString(err));
      }
      return new Finished(process.exitValue(), Files.readString(out), Files.readString(err));
    }
  }

  /** What a process left behind. */
  record Finished(int status, String out, String err) {}
}
