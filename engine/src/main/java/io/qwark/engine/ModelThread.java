package io.qwark.engine;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;

/**
 * A thread that owns a model, together with what others can see of it. While it is busy with {@link
 * Work}, another thread may give it up; from then on it may touch nothing but its own model. In
 * between it cannot be given up, so that whatever it changes is changed as a whole.
 */
final class ModelThread {
  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();
  private static final Work GIVEN_UP = new Work(() -> "given up", 0, 0);

  private final AtomicReference<Work> work = new AtomicReference<>();
  private final Thread thread;

  /** What the operating system shows of it; null until it runs. */
  private volatile NativeThread nativeThread;

  /** Says to a thread that came back from its work that it has been given up meanwhile. */
  static final class GivenUpException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    GivenUpException() {
      super("this thread was given up", null, false, false);
    }
  }

  /**
   * @param body run on the thread
   */
  ModelThread(Consumer<ModelThread> body) {
    thread =
        new Thread(
            () -> {
              nativeThread = NativeThread.current();
              body.accept(this);
            },
            "qwark-engine");
    thread.setDaemon(true);
  }

  void start() {
    thread.start();
  }

  /** Called by the thread itself, as {@link #end} is. */
  void begin(Work next) {
    if (!work.compareAndSet(null, next)) {
      throw new IllegalStateException("it is still busy");
    }
  }

  /**
   * @throws GivenUpException if the thread was given up meanwhile
   */
  void end() {
    if (!leave()) {
      throw new GivenUpException();
    }
  }

  /** Ends what it is busy with, if anything; false if the thread was given up. */
  boolean leave() {
    Work current = work.get();
    return current != GIVEN_UP && work.compareAndSet(current, null);
  }

  /** What it is busy with, or null. */
  Work work() {
    Work current = work.get();
    return current == GIVEN_UP ? null : current;
  }

  /** Whether the thread was still busy with that, and now is given up. */
  boolean giveUp(Work stalled) {
    return work.compareAndSet(stalled, GIVEN_UP);
  }

  /** Processor time that it has used, or -1 where the platform does not tell. */
  long cpuNanos() {
    return THREADS.isThreadCpuTimeSupported() ? THREADS.getThreadCpuTime(thread.getId()) : -1;
  }

  /** Where it is now, in Java and, on Linux, in the kernel. */
  String whereabouts() {
    StringBuilder text = new StringBuilder("Java stack of " + thread.getName() + ":");
    for (StackTraceElement frame : thread.getStackTrace()) {
      text.append("\n\tat ").append(frame);
    }
    NativeThread known = nativeThread;
    return text.append(known == null ? "" : known.describe()).toString();
  }
}
