package io.qwark.bench.gpu;

import io.qwark.bench.RequestLists;
import io.qwark.engine.EngineStats;
import io.qwark.engine.LocalModel;
import io.qwark.engine.api.Generation;
import io.qwark.engine.api.Prompt;
import io.qwark.engine.api.SamplingOptions;
import io.qwark.engine.api.SamplingParams;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;

/** Submits loads to a replica and counts its tokens, until all are there or time is over. */
final class LoadRunner {
  private static final long LOOK_EVERY_NANOS = TimeUnit.MILLISECONDS.toNanos(1);
  private static final int SECONDS_TO_CANCEL = 30;

  private final LocalModel model;
  private final Random random = new Random(7);

  LoadRunner(LocalModel model) {
    this.model = model;
  }

  /**
   * Runs a load with greedy samples.
   *
   * @param seconds after which it is cut off
   * @return null if time was over before every sample that runs had its first token
   * @throws java.util.concurrent.CompletionException if a sample fails
   */
  LoadResult run(Load load, double seconds) {
    List<int[]> prompts =
        IntStream.range(0, load.samples())
            .mapToObj(i -> random.ints(load.input(), 0, RequestLists.TOKENS).toArray())
            .toList();
    SamplingParams params = params(load.output());
    EngineStats before = model.stats();
    long begun = System.nanoTime();
    List<CompletableFuture<Generation>> futures =
        prompts.stream().map(p -> model.submit(new Prompt.Tokens(p), 0, params)).toList();
    CompletableFuture<Void> all =
        CompletableFuture.allOf(futures.toArray(new CompletableFuture<?>[0]));
    Count count = new Count(load, before, begun);
    while (!all.isDone() && System.nanoTime() - begun < seconds * 1e9) {
      count.look(model.stats());
      pause();
    }
    boolean whole = all.isDone();
    if (whole) {
      // Fails if one did.
      all.join();
    }
    count.look(model.stats());
    cancel(futures);
    return count.result(whole);
  }

  /** The counters at the last time that they moved: between steps they stand still. */
  private static final class Count {
    private final Load load;
    private final EngineStats before;
    private final long begun;
    private long last;
    private long tokens;
    private long promptsRead;
    private long tokensThen;
    private int atOnce;
    private long preemptions;

    Count(Load load, EngineStats before, long begun) {
      this.load = load;
      this.before = before;
      this.begun = begun;
      this.last = begun;
    }

    void look(EngineStats now) {
      long generated = now.completionTokens() - before.completionTokens();
      atOnce = Math.max(atOnce, now.running());
      preemptions = now.preemptions() - before.preemptions();
      if (generated == tokens) {
        return;
      }
      tokens = generated;
      last = System.nanoTime();
      if (promptsRead == 0 && tokens >= load.samples() && now.waiting() == 0) {
        promptsRead = last;
        tokensThen = tokens;
      }
    }

    LoadResult result(boolean whole) {
      // A short load may be over between two looks.
      int running = atOnce == 0 ? load.samples() : Math.min(atOnce, load.samples());
      if (!whole && tokens < 2L * running) {
        return null;
      }
      Double decode =
          promptsRead == 0 || last == promptsRead
              ? null
              : Double.valueOf((tokens - tokensThen) / ((last - promptsRead) / 1e9));
      return new LoadResult(
          load.name(),
          (last - begun) / 1e9,
          tokens,
          (double) tokens / load.samples(),
          decode,
          running,
          preemptions);
    }
  }

  private void cancel(List<CompletableFuture<Generation>> futures) {
    futures.forEach(future -> future.cancel(true));
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS_TO_CANCEL);
    while (model.stats().running() + model.stats().waiting() > 0) {
      if (System.nanoTime() > end) {
        throw new IllegalStateException("The engine goes on with requests that were cancelled");
      }
      pause();
    }
  }

  private static void pause() {
    LockSupport.parkNanos(LOOK_EVERY_NANOS);
  }

  private SamplingParams params(int maxTokens) {
    return model.resolve(
        SamplingOptions.builder()
            .temperature(0.0)
            .seed(1L)
            .maxTokens(maxTokens)
            .ignoreEos(true)
            .build());
  }
}
