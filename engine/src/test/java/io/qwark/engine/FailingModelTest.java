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
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
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
