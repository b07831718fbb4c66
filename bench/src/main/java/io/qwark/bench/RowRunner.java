package io.qwark.bench;

import io.qwark.bench.RowResult.Measured;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Measures rows with all sides in turn, so that a slow minute of the machine meets them all. */
final class RowRunner {
  /** How much longer than the fastest other side a format may take before it is given up. */
  private static final double PATIENCE = 1.05;

  /** Time after which Java has compiled what runs often. */
  static final Duration WARM_UP = Duration.ofSeconds(20);

  /** Threads that have become idle look for work a while before they sleep. */
  private static final int REST_MS = 500;

  private final List<Side> sides;
  private final int repeats;
  private final int longRepeats;
  private final Duration warmUp;

  /**
   * @param sides ours first
   * @param repeats of ordinary rows, after warming up
   * @param longRepeats of long ones, without
   * @param warmUp for which our side repeats a row before it counts
   */
  RowRunner(List<Side> sides, int repeats, int longRepeats, Duration warmUp) {
    this.sides = sides;
    this.repeats = repeats;
    this.longRepeats = longRepeats;
    this.warmUp = warmUp;
  }

  RowResult run(Row row) {
    RowResult result = row.isLong() ? oneAfterTheOther(row) : inTurns(row);
    result
        .rates()
        .forEach(
            (side, rate) ->
                System.err.printf("%s, %s: %.1f tokens/s%n", row.title, side, rate.median()));
    return result;
  }

  /** All processes are there, and one of them computes. */
  private RowResult inTurns(Row row) {
    RowResult result = new RowResult(row);
    Map<Side, MeasuredProcess> processes = new LinkedHashMap<>();
    try {
      sides.forEach(side -> processes.put(side, side.start(row.job(), Side.PrefixCaching.OFF)));
      for (int i = 0; i <= repeats; i++) {
        for (Side side : sides) {
          rest();
          MeasuredProcess process = processes.get(side);
          if (i > 0) {
            result.add(Measured.of(side.key(), row.job(), process.run(row.job())));
          } else if (side.isOurs()) {
            warmUp(process, row.job());
          } else {
            // Memory is taken, and settings are tried.
            process.run(row.job());
          }
        }
      }
      processes.forEach((side, p) -> result.addProcess(side.key(), p.ready(), p.memory()));
    } finally {
      processes.values().forEach(MeasuredProcess::close);
    }
    return result;
  }

  private static void rest() {
    try {
      Thread.sleep(REST_MS);
    } catch (InterruptedException e) {
      throw new IllegalStateException("The measurement was interrupted", e);
    }
  }

  /** One process at a time: together they might not fit into memory. */
  private RowResult oneAfterTheOther(Row row) {
    RowResult result = new RowResult(row);
    for (int i = 0; i < longRepeats; i++) {
      double limit = 0;
      for (Side side : sides) {
        try (MeasuredProcess process = side.start(row.job(), Side.PrefixCaching.OFF)) {
          if (side.isOurs()) {
            warmUp(process, someOf(row.job()));
          }
          Job job = side.isOurs() ? row.job() : row.job().limitedTo(limit);
          Measured measured = Measured.of(side.key(), job, process.run(job));
          result.add(measured);
          result.addProcess(side.key(), process.ready(), process.memory());
          if (!side.isOurs() && !measured.stopped()) {
            limit = measured.seconds() * PATIENCE;
          }
        }
      }
    }
    return result;
  }

  private void warmUp(MeasuredProcess process, Job job) {
    long end = System.nanoTime() + warmUp.toNanos();
    do {
      process.run(job);
    } while (System.nanoTime() < end);
  }

  /** Some of the prompts, each followed by few tokens. */
  private static Job someOf(Job job) {
    List<TimedRequest> few = new ArrayList<>();
    for (TimedRequest request : job.requests().subList(0, Math.min(4, job.requests().size()))) {
      few.add(new TimedRequest(request.prompt(), Math.min(8, request.output())));
    }
    return new Job(job.kind(), few);
  }
}
