package io.qwark.jobs;

import io.qwark.engine.api.UserException;
import io.qwark.udf.SparkErrors;
import java.io.OutputStreamWriter;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.Charset;
import java.nio.file.Path;
import java.util.Optional;

/** What a person sees: results on standard output, everything else on standard error. */
final class Terminal {
  private final PrintWriter out;
  private final PrintWriter err;
  private final PrintStream progress;
  private Path log;

  Terminal(PrintStream out, PrintStream err) {
    this.out = writer(out);
    this.err = writer(err);
    progress = err;
  }

  private static PrintWriter writer(PrintStream stream) {
    String encoding = System.getProperty("stdout.encoding", Charset.defaultCharset().name());
    return new PrintWriter(new OutputStreamWriter(stream, Charset.forName(encoding)), true);
  }

  PrintWriter out() {
    return out;
  }

  PrintWriter err() {
    return err;
  }

  /** Where a line may be rewritten while a job runs. */
  PrintStream progress() {
    return progress;
  }

  /** Says that a run came to its end without a result. */
  void failed(String reason) {
    err.println("Error: " + reason);
  }

  /**
   * @param file or null if the log is on standard error
   */
  void logsTo(Path file) {
    log = file;
  }

  /** Says what failed and returns the exit code. */
  int report(Throwable failure, boolean stacktrace) {
    Optional<UserException> mistake = SparkErrors.userException(failure);
    if (mistake.isPresent()) {
      err.println("Error: " + mistake.get().problem());
      err.println("  Cause:  " + mistake.get().reason());
      err.println("  Remedy: " + mistake.get().remedy());
    } else {
      err.println("Error: the run failed: " + oneLine(failure));
      err.println(
          "  The log is "
              + (log == null ? "on standard error" : log)
              + (stacktrace ? "" : "; run again with --stacktrace to see where it failed"));
    }
    if (stacktrace) {
      failure.printStackTrace(err);
    }
    err.flush();
    return mistake.isPresent() ? Main.MISTAKE : Main.FAILED;
  }

  private static String oneLine(Throwable failure) {
    Throwable root = failure;
    while (root.getCause() != null && root.getCause() != root) {
      root = root.getCause();
    }
    String message =
        root.getMessage() == null ? "" : root.getMessage().lines().findFirst().orElse("");
    return root.getClass().getSimpleName() + (message.isEmpty() ? "" : ": " + message);
  }
}
