package io.qwark.engine;

import static io.qwark.engine.ScriptedRequests.assertAllRight;
import static io.qwark.engine.ScriptedRequests.assertLost;
import static io.qwark.engine.ScriptedRequests.assertRight;
import static io.qwark.engine.ScriptedRequests.failure;
import static io.qwark.engine.ScriptedRequests.submit;
import static io.qwark.engine.ScriptedRequests.submitMany;
import static io.qwark.engine.StallingModels.LIMITS;
import static io.qwark.engine.StallingModels.await;
import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.qwark.engine.StallingModels.Script;
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
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What becomes of requests when the model's thread hangs, dies or cannot be replaced. */
@Timeout(60)
class StallTest {
  private final StallingModels models = new StallingModels();

  @AfterEach
  void letGo() {
    models.release();
  }

  @Test
  void requestsOfAStepThatHangsEndAsIfNothingHadHappened() throws InterruptedException {
    try (Engine engine =
        models.start((model, step, packed) -> models.hangIf(model == 1 && step == 5))) {
      List<CompletableFuture<Completion>> futures = submitMany(engine, 8);
      assertAllRight(futures);
      assertEquals(2, models.loads());
      assertEquals(1, engine.stats().restarts());
      assertEquals(LIMITS.cacheTokens(), engine.stats().freeCacheTokens());
      assertNull(
          models.closed().peek(), "a model is closed by its own thread alone, and that one hangs");
      models.release();
      assertEquals(1, models.closed().poll(10, SECONDS));
    }
    assertEquals(2, models.closed().poll());
  }

  @Test
  void aThreadThatComesBackLateTouchesNothing() throws InterruptedException {
    CountDownLatch middle = new CountDownLatch(1);
    CountDownLatch firstIsGone = new CountDownLatch(1);
    Script script =
        (model, step, packed) -> {
          models.hangIf(model == 1 && step == 5);
          if (model == 2 && step == 9) {
            middle.countDown();
            await(firstIsGone);
          }
        };
    try (Engine engine = models.start(script)) {
      List<CompletableFuture<Completion>> futures = submitMany(engine, 8);
      await(middle);
      models.release();
      assertEquals(1, models.closed().poll(10, SECONDS));
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
          models.hangIf(model <= 2 && step == 1 + model);
          if (model == 3 && step == 4) {
            throw new StackOverflowError("as scripted");
          }
        };
    try (Engine engine = models.start(script)) {
      assertAllRight(submitMany(engine, 8));
      assertEquals(3, engine.stats().restarts());
      assertEquals(
          List.of(3), List.copyOf(models.closed()), "a thread that dies frees its model first");
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
    try (Engine engine = models.start(script)) {
      assertAllRight(submitMany(engine, 8));
      assertEquals(1, engine.stats().restarts());
      assertEquals(List.of(1), List.copyOf(models.closed()));
    }
  }

  @Test
  void completedRequestsShowThatReplacingHelps() {
    // Each model completes the four that run and hangs among the next.
    try (Engine engine = models.start((model, step, packed) -> models.hangIf(step == 15))) {
      assertAllRight(submitMany(engine, 24));
      assertTrue(
          engine.stats().restarts() > Supervisor.MAX_RESTARTS,
          engine.stats().restarts() + " restarts");
    }
  }

  @Test
  void whatHangsAgainAndAgainFailsAllRequests() {
    try (Engine engine = models.start((model, step, packed) -> models.hangIf(step == 3))) {
      assertLost(submitMany(engine, 8), "times did not help");
      assertTrue(engine.hasEnded());
      assertEquals(0, engine.stats().running() + engine.stats().waiting());
      assertEquals(LIMITS.cacheTokens(), engine.stats().freeCacheTokens());
      CompletableFuture<Completion> late = submit(engine, 0);
      assertTrue(late.isCompletedExceptionally(), "at once");
      assertLost(List.of(late), "did not help");
    }
  }

  @Test
  void aModelThatCannotBeLoadedAnewFailsAllRequestsWithItsCause() {
    try (Engine engine =
        models.start(
            (model, step, packed) -> models.hangIf(step == 3),
            model -> {
              if (model == 2) {
                throw new IllegalStateException("the disk is gone");
              }
            })) {
      RequestException failure = assertLost(submitMany(engine, 8), "the disk is gone");
      assertEquals("the disk is gone", failure.getCause().getMessage());
      assertEquals(2, models.loads());
      assertLost(List.of(submit(engine, 1)), "the disk is gone");
    }
  }

  @Test
  void aReloadThatHangsFailsAllRequests() throws InterruptedException {
    try (Engine engine =
        models.start(
            (model, step, packed) -> models.hangIf(step == 3),
            model -> models.hangIf(model == 2))) {
      assertLost(
          submitMany(engine, 8), "cannot be loaded anew: Loading the model anew, no end after");
      models.release();
      Set<Integer> both =
          Set.of(models.closed().poll(10, SECONDS), models.closed().poll(10, SECONDS));
      assertEquals(Set.of(1, 2), both, "whatever comes back frees its model");
    }
  }

  @Test
  void cancelledRequestsAreNotTakenAlong() throws InterruptedException {
    CountDownLatch hangs = new CountDownLatch(1);
    try (Engine engine =
        models.start(
            (model, step, packed) -> {
              if (model == 1 && step == 3) {
                hangs.countDown();
              }
              models.hangIf(model == 1 && step == 3);
            })) {
      List<CompletableFuture<Completion>> futures = submitMany(engine, 8);
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
        models.start(
            (model, step, packed) -> {
              hangs.countDown();
              models.hangIf(true);
            });
    CompletableFuture<Completion> request = submit(engine, 0);
    await(hangs);
    engine.close();
    assertEquals(ErrorCode.CANCELLED, failure(request).code());
    assertEquals(1, models.loads(), "nothing is loaded anew for an engine that is closed");
  }

  @Test
  void theReportSaysWhatRanAndWhereItHangs() {
    PrintStream before = System.err;
    ByteArrayOutputStream log = new ByteArrayOutputStream();
    System.setErr(new PrintStream(log, true, UTF_8));
    try (Engine engine =
        models.start((model, step, packed) -> models.hangIf(model == 1 && step == 5))) {
      assertRight(0, submit(engine, 0));
    } finally {
      System.setErr(before);
    }
    for (String part :
        List.of(
            "ERROR io.qwark.engine.Watchdog - The engine stalls: no end after 0.3",
            "Step 5: 1 tokens of 1 sequences (0 of prompts, 1 generated), the longest now at 6;"
                + " 0 samples waiting, ",
            "io.qwark.engine.StallingModels.await",
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
          while (model == 1 && step == 5 && !models.released()) {
            Thread.onSpinWait();
          }
        };
    try (Engine engine = models.start(script)) {
      assertAllRight(submitMany(engine, 8));
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
}
