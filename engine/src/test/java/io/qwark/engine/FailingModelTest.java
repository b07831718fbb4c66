package io.qwark.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.qwark.engine.api.Completion;
import io.qwark.engine.api.ErrorCode;
import io.qwark.engine.api.Request;
import io.qwark.engine.api.RequestException;
import io.qwark.engine.api.UserException;
import io.qwark.engine.model.ForwardModel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What becomes of requests when the model fails, which token 666 makes it do. */
@Timeout(60)
class FailingModelTest {
  private static final EngineLimits LIMITS = new EngineLimits(1000, 64, 256, 1, 32, true, null, 1);

  @Test
  void aFailedStepFailsItsRequestsAndTheEngineGoesOn() {
    try (Engine engine = Engine.start(LIMITS, null, l -> fragile())) {
      CompletableFuture<Completion> before = submit(engine, 1);
      CompletableFuture<Completion> bad = submit(engine, 666);
      CompletableFuture<Completion> after = submit(engine, 2);
      assertEquals(4, before.join().tokenIds().length);
      RequestException failure = failure(bad);
      assertEquals(ErrorCode.ENGINE_FAILURE, failure.code());
      assertTrue(failure.getMessage().contains("out of luck"), failure.getMessage());
      assertEquals(4, after.join().tokenIds().length);
      assertEquals(256, engine.stats().freeCacheTokens());
    }
  }

  @Test
  void ofAStepOfSeveralOnlyTheRequestsFailThatFailAlone() {
    EngineLimits eight = new EngineLimits(1000, 64, 512, 8, 64, true, null, 1);
    try (Engine engine = Engine.start(eight, null, l -> fragile())) {
      List<CompletableFuture<Completion>> futures = new ArrayList<>();
      for (int i = 0; i < 20; i++) {
        futures.add(submit(engine, i % 5 == 2 ? 666 : i));
      }
      for (int i = 0; i < 20; i++) {
        if (i % 5 == 2) {
          assertEquals(ErrorCode.ENGINE_FAILURE, failure(futures.get(i)).code());
        } else {
          int first = ScriptedForwardModel.next(i, 0);
          assertEquals(first, futures.get(i).join().tokenIds()[0]);
        }
      }
      assertEquals(0, engine.stats().restarts());
      assertEquals(512, engine.stats().freeCacheTokens());
    }
  }

  @Test
  void aModelThatFailsAtEverythingIsReplaced() {
    AtomicInteger models = new AtomicInteger();
    try (Engine engine =
        Engine.start(LIMITS, null, l -> failingFrom(models.incrementAndGet() == 1 ? 6 : 1000))) {
      for (int i = 0; i < 10; i++) {
        assertEquals(4, submit(engine, i).join().tokenIds().length);
      }
      assertEquals(1, engine.stats().restarts());
    }
  }

  @Test
  void aModelThatFailsNowAndThenStays() {
    AtomicInteger steps = new AtomicInteger();
    EngineLimits eight = new EngineLimits(1000, 64, 512, 8, 64, true, null, 1);
    ForwardModel unsteady =
        new ScriptedForwardModel(
            step -> {
              if (steps.incrementAndGet() % 2 == 0) {
                throw new IllegalStateException("out of luck");
              }
            });
    try (Engine engine = Engine.start(eight, null, l -> unsteady)) {
      List<CompletableFuture<Completion>> futures = new ArrayList<>();
      for (int i = 0; i < 20; i++) {
        futures.add(submit(engine, i));
      }
      for (CompletableFuture<Completion> future : futures) {
        if (future.handle((done, failure) -> failure != null).join()) {
          assertEquals(ErrorCode.ENGINE_FAILURE, failure(future).code());
        } else {
          assertEquals(4, future.join().tokenIds().length);
        }
      }
      assertEquals(0, engine.stats().restarts());
    }
  }

  @Test
  void ifAllModelsFailAtEverythingNoRequestIsToBlame() {
    try (Engine engine = Engine.start(LIMITS, null, l -> failingFrom(1))) {
      RequestException failure = failure(submit(engine, 1));
      assertEquals(ErrorCode.REPLICA_LOST, failure.code());
      assertTrue(failure.getMessage().contains("out of luck"), failure.getMessage());
      assertEquals(ErrorCode.REPLICA_LOST, failure(submit(engine, 2)).code());
    }
  }

  private static ForwardModel failingFrom(int first) {
    AtomicInteger steps = new AtomicInteger();
    return new ScriptedForwardModel(
        step -> {
          if (steps.incrementAndGet() >= first) {
            throw new IllegalStateException("out of luck");
          }
        });
  }

  @Test
  void scoresThatAreNoNumbersFailTheirRowAlone() {
    EngineLimits two = new EngineLimits(1000, 64, 256, 2, 32, true, null, 1);
    try (Engine engine = Engine.start(two, null, l -> fragile())) {
      CompletableFuture<Completion> good = submit(engine, 1);
      CompletableFuture<Completion> bad = submit(engine, ScriptedForwardModel.NO_NUMBERS);
      assertEquals(ErrorCode.ENGINE_FAILURE, failure(bad).code());
      assertEquals(4, good.join().tokenIds().length);
    }
  }

  @Test
  void whatLoadingThrowsReachesTheCaller() {
    UserException mistake = new UserException("Cannot", "because", "Do");
    UserException thrown =
        assertThrows(
            UserException.class,
            () ->
                Engine.start(
                    LIMITS,
                    null,
                    l -> {
                      throw mistake;
                    }));
    assertEquals(mistake, thrown);
  }

  private static CompletableFuture<Completion> submit(Engine engine, int token) {
    return engine.submit(new Request(new int[] {token}, 0, Goldens.greedy(4)));
  }

  private static RequestException failure(CompletableFuture<Completion> future) {
    return (RequestException) assertThrows(CompletionException.class, future::join).getCause();
  }

  private static ForwardModel fragile() {
    return new ScriptedForwardModel(
        step -> {
          if (Arrays.stream(step.tokens()).anyMatch(t -> t == 666)) {
            throw new IllegalStateException("out of luck");
          }
        });
  }
}
