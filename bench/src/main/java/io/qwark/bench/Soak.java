package io.qwark.bench;

import io.qwark.bench.SoakRequests.SoakRequest;
import io.qwark.bench.SoakTally.Counts;
import io.qwark.engine.EngineStats;
import io.qwark.engine.LocalModel;
import io.qwark.engine.LocalModelFactory;
import io.qwark.engine.api.EngineOptions;
import io.qwark.engine.api.Generation;
import io.qwark.engine.api.Kernels;
import io.qwark.engine.api.Placement;
import io.qwark.engine.api.Quantization;
import io.qwark.engine.api.Speculative;
import io.qwark.engine.checkpoint.ModelConfig;
import io.qwark.engine.checkpoint.ModelFolder;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * Keeps a replica busy for a long time with requests of all kinds, too few slots in its cache,
 * cancellations and errors, and says at the end whether all went well: no stall, no growth, nothing
 * lost, and each request that comes again gets what it got the first time.
 */
public final class Soak {
  private static final String USAGE =
      "bench/run.sh soak [MINUTES] [--model FOLDER] [--quantization int8|float32] [--kernels auto]"
          + " [--threads N] [--concurrency 48] [--max-num-seqs 24] [--kv-cache-tokens 3000]"
          + " [--prefix-caching on|off] [--speculative on|off] [--seed N] [--max-gap SECONDS]"
          + " [--max-growth MIB]";

  private static final int REPORT_SECONDS = 10;

  /** Parts of the requests that are cancelled, and how soon at the latest. */
  private static final double CANCELLED = 0.08;

  private static final int CANCEL_WITHIN_MS = 800;

  /** For what is under way at the end. */
  private static final int END_SECONDS = 300;

  private final LocalModel model;
  private final SoakRequests requests;
  private final Semaphore room;
  private final Random random;
  private final SoakTally tally = new SoakTally();
  private final long start = System.nanoTime();
  private final ScheduledExecutorService canceller =
      Executors.newSingleThreadScheduledExecutor(
          work -> {
            Thread thread = new Thread(work, "soak-canceller");
            thread.setDaemon(true);
            return thread;
          });

  private Soak(LocalModel model, ModelConfig config, int concurrency, int seed) {
    this.model = model;
    this.requests = new SoakRequests(model, config, seed);
    this.room = new Semaphore(concurrency);
    this.random = new Random(seed + 1L);
  }

  public static void main(String[] args) {
    Arguments.run(
        args,
        USAGE,
        arguments -> {
          if (!run(arguments)) {
            System.exit(1);
          }
        });
  }

  private static boolean run(Arguments arguments) throws InterruptedException {
    int minutes = arguments.integer("minutes", 30);
    String folder =
        arguments.optional("model", Repository.file("datasets/quickstart/model").toString());
    Quantization quantization = Quantization.of(arguments.optional("quantization", "int8"));
    // More than the one that a tiny model gets: waiting for each other is what may hang.
    int threads = arguments.integer("threads", Runtime.getRuntime().availableProcessors());
    EngineOptions options =
        EngineOptions.builder(folder, quantization)
            .kernels(Kernels.of(arguments.optional("kernels", "auto")))
            .threads(threads)
            .maxNumSeqs(arguments.integer("max-num-seqs", 24))
            .kvCacheTokens((long) arguments.integer("kv-cache-tokens", 3000))
            .enablePrefixCaching(isOn(arguments, "prefix-caching"))
            .speculative(isOn(arguments, "speculative") ? Speculative.DEFAULTS : null)
            // Soon enough for a stall to be reported within the run.
            .stepTimeoutSeconds(60)
            .build();
    int concurrency = arguments.integer("concurrency", 48);
    int seed = arguments.integer("seed", 1);
    int maxGap = arguments.integer("max-gap", 30);
    int maxGrowth = arguments.integer("max-growth", 64);
    arguments.requireAllUsed();
    ModelConfig config = ModelFolder.open(Path.of(folder)).config();
    try (LocalModel model = (LocalModel) new LocalModelFactory(options).load(Placement.cpu())) {
      System.out.println(model.info());
      Soak soak = new Soak(model, config, concurrency, seed);
      try (SoakWatch watch = new SoakWatch(model, () -> soak.tally.counts().underWay() > 0)) {
        soak.keepBusy(watch, minutes);
        return soak.verdict(watch, maxGap, maxGrowth);
      }
    }
  }

  private static boolean isOn(Arguments arguments, String name) {
    return arguments.optional(name, "on").equals("on");
  }

  private void keepBusy(SoakWatch watch, int minutes) throws InterruptedException {
    long end = start + TimeUnit.MINUTES.toNanos(minutes);
    long report = start;
    long tokens = 0;
    while (System.nanoTime() < end) {
      if (room.tryAcquire(1, TimeUnit.SECONDS)) {
        submit(requests.next());
      }
      if (System.nanoTime() - report >= TimeUnit.SECONDS.toNanos(REPORT_SECONDS)) {
        double seconds = (System.nanoTime() - report) / 1e9;
        long now = model.stats().completionTokens();
        report(watch, (now - tokens) / seconds);
        report = System.nanoTime();
        tokens = now;
      }
    }
    long patience = System.nanoTime() + TimeUnit.SECONDS.toNanos(END_SECONDS);
    // What was cancelled last is still to be freed.
    while ((tally.counts().underWay() > 0 || model.stats().running() + model.stats().waiting() > 0)
        && System.nanoTime() < patience) {
      Thread.sleep(10);
    }
  }

  private void submit(SoakRequest request) {
    tally.submitted();
    CompletableFuture<Generation> future =
        model.submit(request.prompt(), request.sampleIndex(), request.params());
    var unused =
        future.whenComplete(
            (generation, failure) -> {
              tally.over(request, generation, failure);
              room.release();
            });
    if (random.nextDouble() < CANCELLED) {
      int delay = random.nextInt(4) == 0 ? 0 : random.nextInt(CANCEL_WITHIN_MS);
      var unusedTask = canceller.schedule(() -> future.cancel(true), delay, TimeUnit.MILLISECONDS);
    }
  }

  private void report(SoakWatch watch, double rate) {
    Counts counts = tally.counts();
    EngineStats stats = model.stats();
    System.out.printf(
        Locale.ROOT,
        "%6.0f s  %,d done, %,d failed as meant, %,d cancelled, %,d under way, %,d wrong; %,d"
            + " preempted, %,.0f tokens/s, %,d MiB, longest gap %.2f s (%.2f s in all)%n",
        (System.nanoTime() - start) / 1e9,
        counts.completed(),
        counts.failed(),
        counts.cancelled(),
        counts.underWay(),
        counts.wrong() + counts.broken(),
        stats.preemptions(),
        rate,
        ProcessMemory.now().anonymous(),
        watch.gapSinceAsked(),
        watch.longestGap());
  }

  private boolean verdict(SoakWatch watch, int maxGap, int maxGrowth) {
    Counts counts = tally.counts();
    EngineStats stats = model.stats();
    double growth = watch.growth();
    Map<String, Boolean> verdict = new LinkedHashMap<>();
    verdict.put(
        "no stall: longest gap %.2f s of %d allowed, %d restarts"
            .formatted(watch.longestGap(), maxGap, stats.restarts()),
        watch.longestGap() <= maxGap && stats.restarts() == 0);
    verdict.put(
        "no growth: %.1f MiB in the last two thirds, of %d allowed".formatted(growth, maxGrowth),
        growth <= maxGrowth);
    verdict.put(
        "nothing lost: %,d submitted = %,d done + %,d failed as meant + %,d cancelled"
            .formatted(counts.submitted(), counts.completed(), counts.failed(), counts.cancelled()),
        counts.underWay() == 0);
    verdict.put(
        "nothing wrong: %,d of %,d results compared with earlier ones, %,d unlike, %,d broken"
            .formatted(counts.repeated(), counts.completed(), counts.wrong(), counts.broken()),
        counts.wrong() + counts.broken() == 0 && counts.repeated() > 0);
    verdict.put(
        "all free: %,d of %,d tokens of the KV cache, %,d times preempted"
            .formatted(stats.freeCacheTokens(), model.info().kvCacheTokens(), stats.preemptions()),
        stats.freeCacheTokens() == model.info().kvCacheTokens());
    verdict.forEach((what, well) -> System.out.println((well ? "ok    " : "FAIL  ") + what));
    tally.complaints().forEach(complaint -> System.out.println("      " + complaint));
    return !verdict.containsValue(false);
  }
}
