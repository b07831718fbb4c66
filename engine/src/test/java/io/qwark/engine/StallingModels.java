package io.qwark.engine;

import io.qwark.engine.schedule.PackedStep;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/** Engines whose models hang or die as a test says, one model after the other. */
final class StallingModels {
  static final EngineLimits LIMITS = new EngineLimits(1000, 128, 512, 4, 1100, true, null, 1);

  private static final Duration STEP_TIMEOUT = Duration.ofMillis(300);

  /** What a model does in a step, by its number from 1 and the number of its step from 1. */
  interface Script {
    void run(int model, int step, PackedStep packed);
  }

  private final CountDownLatch release = new CountDownLatch(1);
  private final AtomicInteger loads = new AtomicInteger();
  private final BlockingQueue<Integer> closed = new LinkedBlockingQueue<>();

  Engine start(Script script) {
    return start(script, model -> {});
  }

  /**
   * @param loading called with the number of each model before it is there
   */
  Engine start(Script script, Consumer<Integer> loading) {
    return Engine.start(
        LIMITS,
        null,
        l -> {
          int model = loads.incrementAndGet();
          loading.accept(model);
          AtomicInteger steps = new AtomicInteger();
          return new ScriptedForwardModel(
              step -> script.run(model, steps.incrementAndGet(), step)) {
            @Override
            public void close() {
              closed.add(model);
            }
          };
        },
        STEP_TIMEOUT);
  }

  /** Until {@link #release}. */
  void hangIf(boolean now) {
    if (now) {
      await(release);
    }
  }

  /** Lets all go on that hang. */
  void release() {
    release.countDown();
  }

  boolean released() {
    return release.getCount() == 0;
  }

  /** Models that were loaded, or tried to. */
  int loads() {
    return loads.get();
  }

  /** Numbers of models, in the order in which they were closed. */
  BlockingQueue<Integer> closed() {
    return closed;
  }

  static void await(CountDownLatch latch) {
    boolean done = false;
    while (!done) {
      try {
        latch.await();
        done = true;
      } catch (InterruptedException e) {
        throw new AssertionError("nobody interrupts the engine's thread", e);
      }
    }
  }
}
