package io.qwark.udf.testing;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.spark.launcher.JavaModuleOptions;

/** One Java process of a {@link LocalCluster}, with the processes that it starts itself. */
record SparkProcess(String name, Process process, Path log) implements AutoCloseable {
  private static final Duration END = Duration.ofSeconds(20);

  static SparkProcess launch(
      SparkFolder folder,
      String name,
      List<String> javaOptions,
      String mainClass,
      List<String> arguments)
      throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-Xmx512m");
    command.addAll(List.of(JavaModuleOptions.defaultModuleOptions().trim().split("\\s+")));
    command.add("-Dlog4j2.configurationFile=" + folder.loggingFile());
    command.addAll(javaOptions);
    command.add("-cp");
    command.add(SparkFolder.sparkHome().resolve("jars") + "/*" + File.pathSeparator + ownClasses());
    command.add(ChildMain.class.getName());
    command.add(mainClass);
    command.addAll(arguments);
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.redirectOutput(folder.log(name).toFile());
    builder.environment().putAll(folder.environment());
    return new SparkProcess(name, builder.start(), folder.log(name));
  }

  private static Path ownClasses() {
    return Path.of(ChildMain.class.getProtectionDomain().getCodeSource().getLocation().getPath());
  }

  /**
   * Waits until the log has a match.
   *
   * @throws IllegalStateException with the log, if the process ends or the time passes before
   */
  Matcher awaitLog(String pattern, Duration limit) throws IOException, InterruptedException {
    long end = System.nanoTime() + limit.toNanos();
    while (true) {
      boolean alive = process.isAlive();
      String text = Files.readString(log);
      Matcher match = Pattern.compile(pattern).matcher(text);
      if (match.find()) {
        return match;
      }
      if (!alive || System.nanoTime() > end) {
        String what = alive ? " did not start in " + limit.toSeconds() + " s" : " ended";
        throw new IllegalStateException("Spark's " + name + what + ":\n" + text);
      }
      Thread.sleep(50);
    }
  }

  @Override
  public void close() {
    // A worker's executors; once it is gone, nobody could name them.
    List<ProcessHandle> all = new ArrayList<>(process.descendants().toList());
    all.add(process.toHandle());
    process.destroy();
    for (ProcessHandle handle : all) {
      if (!hasEnded(handle)) {
        handle.destroyForcibly();
      }
    }
  }

  private static boolean hasEnded(ProcessHandle handle) {
    try {
      handle.onExit().get(END.toMillis(), TimeUnit.MILLISECONDS);
      return true;
    } catch (TimeoutException | ExecutionException e) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
