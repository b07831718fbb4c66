package io.qwark.engine.source;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;

/** Fetches several files at a time. */
public final class ParallelTasks {
  private ParallelTasks() {}

  /**
   * Returns when all have ended.
   *
   * @param stopped set at the first failure, for the others to look at
   * @throws IOException or an unchecked exception, the first that a task threw
   */
  public static void run(List<Callable<Void>> tasks, int parallel, AtomicBoolean stopped)
      throws IOException {
    ExecutorService threads =
        Executors.newFixedThreadPool(
            Math.max(1, Math.min(parallel, tasks.size())),
            work -> {
              Thread thread = new Thread(work, "qwark-fetch");
              thread.setDaemon(true);
              return thread;
            });
    try {
      ExecutorCompletionService<Void> running = new ExecutorCompletionService<>(threads);
      tasks.forEach(running::submit);
      Throwable failure = null;
      for (int i = 0; i < tasks.size(); i++) {
        try {
          running.take().get();
        } catch (ExecutionException e) {
          failure = failure == null ? e.getCause() : failure;
          stopped.set(true);
        } catch (InterruptedException e) {
          stopped.set(true);
          threads.shutdownNow();
          Thread.currentThread().interrupt();
          throw new IOException("the fetch was interrupted", e);
        }
      }
      rethrow(failure);
    } finally {
      threads.shutdown();
    }
  }

  private static void rethrow(Throwable failure) throws IOException {
    if (failure instanceof IOException broken) {
      throw broken;
    }
    if (failure instanceof RuntimeException refused) {
      throw refused;
    }
    if (failure != null) {
      throw new IllegalStateException("Cannot fetch files: " + failure, failure);
    }
  }

  /** Hands on what several threads say. */
  public static FetchProgress oneAtATime(FetchProgress progress) {
    return new OneAtATime(progress);
  }

  private record OneAtATime(FetchProgress progress) implements FetchProgress {
    @Override
    public synchronized void begin(String model, int files, long bytes, long present) {
      progress.begin(model, files, bytes, present);
    }

    @Override
    public synchronized void advance(long bytes) {
      progress.advance(bytes);
    }

    @Override
    public synchronized void note(String text) {
      progress.note(text);
    }

    @Override
    public synchronized void end() {
      progress.end();
    }
  }
}
