package io.qwark.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.qwark.engine.api.Completion;
import io.qwark.engine.api.FinishReason;
import io.qwark.engine.api.Request;
import io.qwark.engine.api.RequestException;
import io.qwark.engine.model.AheadRow;
import io.qwark.engine.model.AheadTokens;
import io.qwark.engine.model.ForwardModel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Calls that decode ahead and fail, hang or take long, and requests that end within them. */
@Timeout(60)
class AheadFailuresTest {
  private static final int CACHE = 4096;
  private static final Duration TIMEOUT = Duration.ofMillis(500);

  private final CountDownLatch release = new CountDownLatch(1);
  private final AtomicInteger calls = new AtomicInteger();

  @AfterEach
  void letGo() {
    release.countDown();
  }

  @Test
  void aCallThatFailsFailsItsRequestsAndTheEngineGoesOn() {
    Consumer<List<AheadRow>> script =
        rows -> {
          if (calls.incrementAndGet() == 2) {
            throw new IllegalStateException("out of luck");
          }
        };
    try (Engine engine = start(8, script)) {
      CompletableFuture<Completion> bad = submit(engine, 1, 30);
      CompletionException failure = assertThrows(CompletionException.class, bad::join);
      assertTrue(failure.getCause() instanceof RequestException, failure.toString());
      assertTrue(failure.getMessage().contains("out of luck"), failure.getMessage());
      assertRight(2, submit(engine, 2, 30), 30);
      assertEquals(CACHE, engine.stats().freeCacheTokens());
    }
  }

  @Test
  void aCallThatHangsIsGivenUpAndItsTokensNeverWere() {
    Consumer<List<AheadRow>> script =
        rows -> {
          if (calls.incrementAndGet() == 3) {
            await(release);
          }
        };
    try (Engine engine = start(8, script)) {
      List<CompletableFuture<Completion>> futures = new ArrayList<>();
      for (int i = 0; i < 5; i++) {
        futures.add(submit(engine, i, 40));
      }
      for (int i = 0; i < 5; i++) {
        assertRight(i, futures.get(i), 40);
      }
      assertEquals(1, engine.stats().restarts());
      assertTrue(engine.stats().aheadTokens() > 50, engine.stats().toString());
    }
  }

  /** Twice the timeout, which a single step would not get. */
  @Test
  void aLongCallThatWorksHasMoreTime() {
    Consumer<List<AheadRow>> script =
        rows -> {
          long end = System.nanoTime() + 2 * TIMEOUT.toNanos();
          while (rows.get(0).most() > 300 && System.nanoTime() < end) {
            Thread.onSpinWait();
          }
        };
    try (Engine engine = start(512, script)) {
      assertRight(3, submit(engine, 3, 1500), 1500);
      assertEquals(0, engine.stats().restarts());
    }
  }

  @Test
  void cancelledWithinACallARequestIsGoneAfterIt() {
    CountDownLatch submitted = new CountDownLatch(1);
    CountDownLatch running = new CountDownLatch(1);
    Consumer<List<AheadRow>> script =
        rows -> {
          // Else the first might end before the other comes.
          await(submitted);
          if (rows.size() == 2) {
            running.countDown();
            await(release);
          }
        };
    try (Engine engine = start(8, script, Duration.ofMinutes(1))) {
      CompletableFuture<Completion> one = submit(engine, 1, 60);
      CompletableFuture<Completion> other = submit(engine, 2, 60);
      submitted.countDown();
      await(running);
      one.cancel(true);
      release.countDown();
      assertRight(2, other, 60);
      assertTrue(one.isCancelled());
      assertEquals(CACHE, engine.stats().freeCacheTokens());
    }
  }

  @Test
  void theEndOfTheContextIsTheSame() {
    EngineLimits small = new EngineLimits(1000, 50, 64, 4, 100, true, null, 16);
    try (Engine engine = start(small, rows -> {}, TIMEOUT)) {
      for (int length = 1; length < 50; length++) {
        Completion completion =
            engine.submit(new Request(new int[length], 0, Goldens.greedy(99))).join();
        assertEquals(50 - length, completion.tokenIds().length);
        assertEquals(FinishReason.LENGTH, completion.finishReason());
      }
    }
  }

  private static void await(CountDownLatch latch) {
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

  private static Engine start(int stepsAhead, Consumer<List<AheadRow>> script) {
    return start(stepsAhead, script, TIMEOUT);
  }

  private static Engine start(
      int stepsAhead, Consumer<List<AheadRow>> script, Duration stepTimeout) {
    return start(
        new EngineLimits(1000, 2048, CACHE, 4, 1100, true, null, stepsAhead), script, stepTimeout);
  }

  private static Engine start(
      EngineLimits limits, Consumer<List<AheadRow>> script, Duration stepTimeout) {
    return Engine.start(
        limits,
        null,
        l ->
            new Scripted(new AheadByStep(new ScriptedForwardModel(step -> {}), () -> true), script),
        stepTimeout);
  }

  private static CompletableFuture<Completion> submit(Engine engine, int token, int maxTokens) {
    return engine.submit(new Request(new int[] {5, token}, 0, Goldens.greedy(maxTokens)));
  }

  /** By the rule of {@link ScriptedForwardModel}. */
  private static void assertRight(int token, CompletableFuture<Completion> future, int count) {
    int[] expected = new int[count];
    int last = token;
    for (int i = 0; i < count; i++) {
      last = ScriptedForwardModel.next(last, i + 1);
      expected[i] = last;
    }
    assertArrayEquals(expected, future.join().tokenIds(), "request " + token);
  }

  /** Calls a script in each call that decodes ahead, before anything is decoded. */
  private static final class Scripted extends ForwardingModel {
    private final Consumer<List<AheadRow>> script;

    Scripted(ForwardModel model, Consumer<List<AheadRow>> script) {
      super(model);
      this.script = script;
    }

    @Override
    public boolean decodesAhead() {
      return true;
    }

    @Override
    public List<AheadTokens> decode(List<AheadRow> rows) {
      script.accept(rows);
      return model.decode(rows);
    }
  }
}
