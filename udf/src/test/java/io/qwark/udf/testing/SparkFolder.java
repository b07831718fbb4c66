package io.qwark.udf.testing;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/** The files of a {@link LocalCluster}: configuration, logs and the workers' folders. */
record SparkFolder(Path root) {
  private static final Set<String> LOGS = Set.of("stdout", "stderr");
  private static final List<String> LOGGING =
      List.of(
          "status = error",
          "appender.console.type = Console",
          "appender.console.name = console",
          "appender.console.target = SYSTEM_ERR",
          "appender.console.layout.type = PatternLayout",
          "appender.console.layout.pattern = %d{HH:mm:ss} %-5p %c{1}: %m%n%ex",
          "rootLogger.level = info",
          "rootLogger.appenderRef.console.ref = console");

  static SparkFolder create() throws IOException {
    SparkFolder folder = new SparkFolder(Files.createTempDirectory("qwark-cluster"));
    Files.createDirectories(folder.conf());
    Files.createDirectories(folder.root.resolve("local"));
    Files.write(folder.loggingFile(), LOGGING);
    return folder;
  }

  /**
   * @throws IllegalStateException if there is no Spark to start
   */
  static Path sparkHome() {
    String home = System.getProperty("qwark.spark.home");
    if (home == null || !Files.isDirectory(Path.of(home, "jars"))) {
      throw new IllegalStateException(
          "The system property qwark.spark.home must name a folder with Spark's jars: " + home);
    }
    return Path.of(home);
  }

  private Path conf() {
    return root.resolve("conf");
  }

  Path loggingFile() {
    return conf().resolve("log4j2.properties");
  }

  Path log(String process) {
    return root.resolve(process + ".log");
  }

  /** What Spark's own start scripts would set. */
  Map<String, String> environment() {
    return Map.of(
        "SPARK_HOME", sparkHome().toString(),
        "SPARK_CONF_DIR", conf().toString(),
        "SPARK_SCALA_VERSION",
            scala.util.Properties.versionNumberString().replaceAll("\\.\\d+$", ""),
        "SPARK_LOCAL_DIRS", root.resolve("local").toString(),
        "SPARK_LOCAL_IP", "127.0.0.1",
        "SPARK_PUBLIC_DNS", "127.0.0.1");
  }

  /** An executable that prints one line. */
  Path script(String name, String line) throws IOException {
    Path script = Files.writeString(root.resolve(name), "#!/bin/sh\necho '" + line + "'\n");
    return Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  /** The logs of all processes, which may still be running. */
  String logs() throws IOException {
    StringBuilder logs = new StringBuilder();
    Files.walkFileTree(
        root,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            if (LOGS.contains(file.getFileName().toString()) || file.toString().endsWith(".log")) {
              logs.append("== ").append(root.relativize(file)).append('\n');
              logs.append(Files.readString(file)).append('\n');
            }
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFileFailed(Path file, IOException deletedMeanwhile) {
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path folder, IOException deletedMeanwhile) {
            return FileVisitResult.CONTINUE;
          }
        });
    return logs.toString();
  }

  void delete() throws IOException {
    try (Stream<Path> files = Files.walk(root)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    }
  }
}
