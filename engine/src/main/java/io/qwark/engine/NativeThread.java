package io.qwark.engine;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * A thread as Linux shows it under /proc (proc(5)). Elsewhere nothing is known of it.
 *
 * @param task its folder, or null
 */
record NativeThread(Path task) {

  /** The thread that calls this. */
  static NativeThread current() {
    try {
      return new NativeThread(Path.of("/proc/thread-self").toRealPath());
    } catch (IOException | SecurityException e) {
      return new NativeThread(null);
    }
  }

  /**
   * One line for it and for each other thread of its name: the workers that it started for tensor
   * operations have inherited the name.
   */
  String describe() {
    if (task == null) {
      return "";
    }
    String name = read(task, "comm");
    StringBuilder text = new StringBuilder("\nNative threads of that name:");
    for (Path other : siblings()) {
      if (read(other, "comm").equals(name)) {
        text.append("\n\t").append(line(other));
      }
    }
    return text.toString();
  }

  private List<Path> siblings() {
    try (Stream<Path> tasks = Files.list(task.getParent())) {
      return tasks.sorted().toList();
    } catch (IOException | UncheckedIOException e) {
      return List.of(task);
    }
  }

  private String line(Path other) {
    String stat = read(other, "stat");
    // The name in it may hold anything, a parenthesis too; the state follows the last one.
    String[] fields = stat.substring(stat.lastIndexOf(')') + 1).strip().split(" ");
    boolean told = fields.length > 12;
    return "%s%s state %s, wchan %s, system call %s, clock ticks %s user %s system"
        .formatted(
            other.getFileName(),
            other.equals(task) ? " (this one)" : "",
            fields[0],
            read(other, "wchan"),
            read(other, "syscall").split(" ", 2)[0],
            told ? fields[11] : "?",
            told ? fields[12] : "?");
  }

  /** Its text without the end of the line; empty if the kernel does not let us read it. */
  private static String read(Path task, String file) {
    try {
      return Files.readString(task.resolve(file)).strip();
    } catch (IOException e) {
      return "";
    }
  }
}
