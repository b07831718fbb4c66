package io.qwark.bench;

import io.qwark.engine.schedule.PackedStep;
import io.qwark.engine.schedule.Scheduler;
import io.qwark.engine.schedule.Sequence;
import io.qwark.engine.schedule.StepPlan;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.infra.Blackhole;

/**
 * A step of 64 running sequences with 64 more waiting: plan and pack it, append what would have
 * been sampled. A finished sequence makes way for a new one, whose prompt then shares the step.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class SchedulerBenchmark {
  private static final int RUNNING = 64;
  private static final int PROMPT = 128;
  private static final int LONGEST_OUTPUT = 1024;
  private static final int BUDGET = 2048;

  private final Random random = new Random(7);
  private Scheduler scheduler;

  @Setup
  public void prepare() {
    scheduler = new Scheduler(2 * RUNNING * (PROMPT + LONGEST_OUTPUT), RUNNING, BUDGET);
    for (int i = 0; i < 2 * RUNNING; i++) {
      add();
    }
    for (int i = 0; i < LONGEST_OUTPUT; i++) {
      carryOut(scheduler.plan());
    }
  }

  @Benchmark
  public void planAndPack(Blackhole blackhole) {
    StepPlan plan = scheduler.plan();
    PackedStep step = plan.pack();
    blackhole.consume(step);
    carryOut(plan);
  }

  private void carryOut(StepPlan plan) {
    plan.runs()
        .forEach(
            run -> {
              if (run.reachesEnd()) {
                run.sequence().append(1);
                if (run.sequence().full()) {
                  scheduler.remove(run.sequence());
                  add();
                }
              }
            });
  }

  private void add() {
    int[] prompt = random.ints(PROMPT, 0, 1000).toArray();
    scheduler.add(new Sequence(prompt, PROMPT + 1 + random.nextInt(LONGEST_OUTPUT)));
  }
}
