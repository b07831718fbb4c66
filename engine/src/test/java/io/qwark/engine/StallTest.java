package io.qwark.engine;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.qwark.engine.api.Completion;
import io.qwark.engine.api.ErrorCode;
import io.qwark.engine.api.Request;
import io.qwark.engine.api.RequestException;
import io.qwark.engine.model.DeviceLostException;
import io.qwark.engine.schedule.PackedStep;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What becomes of requests when the model's thread hangs, dies or cannot be replaced. */
@Timeout(60)
class StallTest {
  private static final Duration STEP_TIMEOUT = Duration.ofMillis(300);
  private static final EngineLimits LIMITS =
      new EngineLimits(1000, 128, 512, 4, 1100, true, null, 1);

  /** From this token on, none follows another by itself. */
  private static final int BAD = 900;

  /** Lets all go on that hang. */
  private final CountDownLatch release = new CountDownLatch(1);

  /** Counted over all models. */
  private final AtomicInteger loads = new AtomicInteger();

  /** Numbers of models, in the order in which they were closed. */
  private final BlockingQueue<Integer> closed = new LinkedBlockingQueue<>();

  /** What a model does in a step, by its number from 1 and the number of its step from 1. */
  private interface Script {
    void run(int model, int step, PackedStep packed);
  }

  @AfterEach
  void letGo() {
    release.countDown();
  }

  @Test
  void requestsOfAStepThatHangsEndAsIfNothingHadHappened() throws InterruptedException {
    try (Engine engine = start((model, step, packed) -> hangIf(model == 1 && step == 5))) {
      List<CompletableFuture<Completion>> futures = submit(engine, 8);
      assertAllRight(futures);
      assertEquals(2, loads.get());
      assertEquals(1, engine.stats().restarts());
      assertEquals(LIMITS.cacheTokens(), engine.stats().freeCacheTokens());
      assertNull(closed.peek(), "a model is closed by its own thread alone, and that one hangs");
      release.countDown();
      assertEquals(1, closed.poll(10, SECONDS));
    }
    assertEquals(2, closed.poll());
  }

  @Test
  void aThreadThatComesBackLateTouchesNothing() throws InterruptedException {
    CountDownLatch middle = new CountDownLatch(1);
    CountDownLatch firstIsGone = new CountDownLatch(1);
    Script script =
        (model, step, packed) -> {
          hangIf(model == 1 && step == 5);
          if (model == 2 && step == 9) {
            middle.countDown();
            await(firstIsGone);
          }
        };
    try (Engine engine = start(script)) {
      List<CompletableFuture<Completion>> futures = submit(engine, 8);
      await(middle);
      release.countDown();
      assertEquals(1, closed.poll(10, SECONDS));
      assertTrue(futures.stream().noneMatch(CompletableFuture::isDone));
      firstIsGone.countDown();
      assertAllRight(futures);
      assertEquals(1, engine.stats().restarts());
    }
  }

  @Test
  void requestsSurviveTwoThreadsThatHangAndOneThatDies() {
    Script script =
        (model, step, packed) -> {
          hangIf(model <= 2 && step == 1 + model);
          if (model == 3 && step == 4) {
            throw new StackOverflowError("as scripted");
          }
        };
    try (Engine engine = start(script)) {
      assertAllRight(submit(engine, 8));
      assertEquals(3, engine.stats().restarts());
      assertEquals(List.of(3), List.copyOf(closed), "a thread that dies frees its model first");
    }
  }

  @Test
  void aModelWhoseDeviceIsLostIsReplaced() {
    Script script =
        (model, step, packed) -> {
          if (model == 1 && step == 4) {
            throw new DeviceLostException("CUDA error: device-side assert triggered", null);
          }
        };
    try (Engine engine = start(script)) {
      assertAllRight(submit(engine, 8));
      assertEquals(1, engine.stats().restarts());
      assertEquals(List.of(1), List.copyOf(closed));
    }
  }

  @Test
  void completedRequestsShowThatReplacingHelps() {
    // Each model completes the four that run and hangs among the next.
    try (Engine engine = start((model, step, packed) -> hangIf(step == 15))) {
      assertAllRight(submit(engine, 24));
      assertTrue(
          engine.stats().restarts() > Supervisor.MAX_RESTARTS,
          engine.stats().restarts() + " restarts");
    }
  }

  @Test
  void whatHangsAgainAndAgainFailsAllRequests() {
    try (Engine engine = start((model, step, packed) -> hangIf(step == 3))) {
      assertLost(submit(engine, 8), "times did not help");
      assertTrue(engine.hasEnded());
      assertEquals(0, engine.stats().running() + engine.stats().waiting());
      assertEquals(LIMITS.cacheTokens(), engine.stats().freeCacheTokens());
      CompletableFuture<Completion> late = submit(engine, 0, 12);
      assertTrue(late.isCompletedExceptionally(), "at once");
      assertLost(List.of(late), "did not help");
    }
  }

  @Test
  void aModelThatCannotBeLoadedAnewFailsAllRequestsWithItsCause() {
    try (Engine engine =
        start(
            (model, step, packed) -> hangIf(step == 3),
            model -> {
              if (model == 2) {
                throw new IllegalStateException("the disk is gone");
              }
            })) {
      RequestException failure = assertLost(submit(engine, 8), "the disk is gone");
      assertEquals("the disk is gone", failure.getCause().getMessage());
      assertEquals(2, loads.get());
      assertLost(List.of(submit(engine, 1, 12)), "the disk is gone");
    }
  }

  @Test
  void aReloadThatHangsFailsAllRequests() throws InterruptedException {
    try (Engine engine =
        start((model, step, packed) -> hangIf(step == 3), model -> hangIf(model == 2))) {
      assertLost(submit(engine, 8), "cannot be loaded anew: Loading the model anew, no end after");
      release.countDown();
      Set<Integer> both = Set.of(closed.poll(10, SECONDS), closed.poll(10, SECONDS));
      assertEquals(Set.of(1, 2), both, "whatever comes back frees its model");
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void requestsOverWhichModelsHangOrDieFailAndNoOthers(boolean hang) {
    Script script =
        (model, step, packed) -> {
          boolean bad = Arrays.stream(packed.tokens()).anyMatch(token -> token >= BAD);
          hangIf(bad && hang);
          if (bad) {
            throw new DeviceLostException("CUDA error: device-side assert triggered", null);
          }
        };
    try (Engine engine = start(script)) {
      List<CompletableFuture<Completion>> bad = new ArrayList<>();
      List<CompletableFuture<Completion>> good = new ArrayList<>();
      for (int i = 0; i < 9; i++) {
        // Three of them in the first step, one after it.
        if (i == 1 || i == 2 || i == 6) {
          bad.add(submit(engine, BAD + i, 12));
        }
        good.add(submit(engine, i, 12));
      }
      assertAllRight(good);
      for (CompletableFuture<Completion> future : bad) {
        RequestException failure = failure(future);
        assertEquals(ErrorCode.ENGINE_STALLED, failure.code());
        assertTrue(failure.getMessage().contains("hung or died over this sample"));
      }
      assertFalse(engine.hasEnded());
      assertEquals(LIMITS.cacheTokens(), engine.stats().freeCacheTokens());
      assertEquals(0, engine.stats().running() + engine.stats().waiting());
    }
  }

  @Test
  void aBadRequestThatIsTheOnlyOneFailsAndTheNextIsRight() {
    Script script =
        (model, step, packed) ->
            hangIf(Arrays.stream(packed.tokens()).anyMatch(token -> token >= BAD));
    try (Engine engine = start(script)) {
      assertEquals(ErrorCode.ENGINE_STALLED, failure(submit(engine, BAD, 12)).code());
      assertEquals(3, engine.stats().restarts());
      assertRight(7, submit(engine, 7, 12));
    }
  }

  @Test
  void aModelThatDoesNothingButTheProbeIsLost() {
    Script script = (model, step, packed) -> hangIf(packed.tokens()[0] != 0);
    try (Engine engine = start(script)) {
      List<CompletableFuture<Completion>> futures = new ArrayList<>();
      for (int i = 0; i < 20; i++) {
        futures.add(submit(engine, i, 12));
      }
      assertLost(futures, "loading the model anew 4 times did not help");
      assertTrue(engine.hasEnded());
    }
  }

  @Test
  void cancelledRequestsAreNotTakenAlong() throws InterruptedException {
    CountDownLatch hangs = new CountDownLatch(1);
    try (Engine engine =
        start(
            (model, step, packed) -> {
              if (model == 1 && step == 3) {
                hangs.countDown();
              }
              hangIf(model == 1 && step == 3);
            })) {
      List<CompletableFuture<Completion>> futures = submit(engine, 8);
      await(hangs);
      futures.get(1).cancel(true);
      futures.get(6).cancel(true);
      for (int i : List.of(0, 2, 3, 4, 5, 7)) {
        assertRight(i, futures.get(i));
      }
      assertEquals(LIMITS.cacheTokens(), engine.stats().freeCacheTokens());
    }
  }

  @Test
  void closingDoesNotWaitForAThreadThatHangs() {
    CountDownLatch hangs = new CountDownLatch(1);
    Engine engine =
        start(
            (model, step, packed) -> {
              hangs.countDown();
              await(release);
            });
    CompletableFuture<Completion> request = submit(engine, 0, 12);
    await(hangs);
    engine.close();
    assertEquals(ErrorCode.CANCELLED, failure(request).code());
    assertEquals(1, loads.get(), "nothing is loaded anew for an engine that is closed");
  }

  @Test
  void theReportSaysWhatRanAndWhereItHangs() {
    PrintStream before = System.err;
    ByteArrayOutputStream log = new ByteArrayOutputStream();
    System.setErr(new PrintStream(log, true, UTF_8));
    try (Engine engine = start((model, step, packed) -> hangIf(model == 1 && step == 5))) {
      assertRight(0, submit(engine, 0, 12));
    } finally {
      System.setErr(before);
    }
    for (String part :
        List.of(
            "ERROR io.qwark.engine.Watchdog - The engine stalls: no end after 0.3",
            "Step 5: 1 tokens of 1 sequences (0 of prompts, 1 generated), the longest now at 6;"
                + " 0 samples waiting, ",
            "io.qwark.engine.StallTest.await",
            "time 1 of at most 3 in a row; 1 requests go on there")) {
      assertTrue(log.toString(UTF_8).contains(part), part + " in " + log);
    }
    if (Files.exists(Path.of("/proc/self/task"))) {
      assertTrue(log.toString(UTF_8).contains("(this one) state S, wchan"), log.toString(UTF_8));
    }
  }

  @Test
  void aLargeStepThatWorksHasMoreTime() {
    // The first chunk has 512 tokens and so three times as long.
    Duration timeout = Duration.ofSeconds(1);
    EngineLimits limits = new EngineLimits(1000, 2048, 2048, 4, 1100, true, null, 1);
    try (Engine engine =
        Engine.start(limits, null, l -> new ScriptedForwardModel(StallTest::work), timeout)) {
      Completion completion =
          engine.submit(new Request(new int[1024], 0, Goldens.greedy(1))).join();
      assertEquals(1, completion.tokenIds().length);
      assertEquals(0, engine.stats().restarts());
    }
  }

  @Test
  void aStepThatWorksWithoutEndIsGivenUpAllTheSame() {
    Script script =
        (model, step, packed) -> {
          while (model == 1 && step == 5 && release.getCount() > 0) {
            Thread.onSpinWait();
          }
        };
    try (Engine engine = start(script)) {
      assertAllRight(submit(engine, 8));
      assertEquals(1, engine.stats().restarts());
    }
  }

  /** For one and a half seconds at the beginning of a prompt. */
  private static void work(PackedStep step) {
    long end = System.nanoTime() + Duration.ofMillis(1500).toNanos();
    while (step.positions()[0] == 0 && System.nanoTime() < end) {
      Thread.onSpinWait();
    }
  }

  private void hangIf(boolean now) {
    if (now) {
      await(release);
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

  private Engine start(Script script) {
    return start(script, model -> {});
  }

  private Engine start(Script script, Consumer<Integer> loading) {
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

  private static List<CompletableFuture<Completion>> submit(Engine engine, int count) {
    List<CompletableFuture<Completion>> futures = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      futures.add(submit(engine, i, 12));
    }
    return futures;
  }

  private static CompletableFuture<Completion> submit(Engine engine, int token, int maxTokens) {
    return engine.submit(new Request(new int[] {5, token}, 0, Goldens.greedy(maxTokens)));
  }

  private static void assertAllRight(List<CompletableFuture<Completion>> futures) {
    for (int i = 0; i < futures.size(); i++) {
      assertRight(i, futures.get(i));
    }
  }

  /** By the rule of {@link ScriptedForwardModel}, which has no memory beyond the last token. */
  private static void assertRight(int request, CompletableFuture<Completion> future) {
    int[] expected = new int[12];
    int last = request;
    for (int i = 0; i < expected.length; i++) {
      last = ScriptedForwardModel.next(last, i + 1);
      expected[i] = last;
    }
    assertArrayEquals(expected, future.join().tokenIds(), "request " + request);
  }

  private static RequestException assertLost(
      List<CompletableFuture<Completion>> futures, String reason) {
    RequestException failure = null;
    for (CompletableFuture<Completion> future : futures) {
      failure = failure(future);
      assertEquals(ErrorCode.REPLICA_LOST, failure.code());
      assertTrue(failure.getMessage().contains(reason), failure.getMessage());
    }
    return failure;
  }

  private static RequestException failure(CompletableFuture<Completion> future) {
    return (RequestException) assertThrows(CompletionException.class, future::join).getCause();
  }
}
