package io.qwark.jobs.run;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.core.LoggerContext;
import org.apache.logging.log4j.core.appender.FileAppender;
import org.apache.logging.log4j.core.config.Configuration;
import org.apache.logging.log4j.core.config.LoggerConfig;
import org.apache.logging.log4j.core.layout.PatternLayout;

/**
 * Moves the driver's log into a file: the terminal is for the job's own few lines, and Spark logs a
 * failed task with three stack traces.
 */
public final class LogFile {
  private static final String APPENDER = "qwark-file";
  private static final DateTimeFormatter STAMP =
      DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss").withZone(ZoneOffset.UTC);

  private LogFile() {}

  /**
   * @return the file, or null if the log stays where it is, as with another logging library
   */
  public static Path open() {
    if (!(LogManager.getContext(false) instanceof LoggerContext context)) {
      return null;
    }
    Path file =
        Path.of(System.getProperty("java.io.tmpdir"))
            .resolve("qwark-" + System.getProperty("user.name"))
            .resolve(STAMP.format(Instant.now()) + "-" + ProcessHandle.current().pid() + ".log");
    try {
      Files.createDirectories(file.getParent());
    } catch (IOException e) {
      return null;
    }
    Configuration configuration = context.getConfiguration();
    FileAppender appender =
        FileAppender.newBuilder()
            .setName(APPENDER)
            .withFileName(file.toString())
            .setLayout(
                PatternLayout.newBuilder()
                    .withPattern("%d{ISO8601} %-5p [%t] %c{1}: %m%n%ex")
                    .withConfiguration(configuration)
                    .build())
            .setConfiguration(configuration)
            .build();
    appender.start();
    configuration.addAppender(appender);
    LoggerConfig root = configuration.getRootLogger();
    root.getAppenders().keySet().forEach(root::removeAppender);
    root.addAppender(appender, Level.INFO, null);
    root.setLevel(Level.INFO);
    context.updateLoggers();
    return file;
  }
}
