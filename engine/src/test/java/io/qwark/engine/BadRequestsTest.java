package io.qwark.engine;

import static io.qwark.engine.ScriptedRequests.assertAllRight;
import static io.qwark.engine.ScriptedRequests.assertLost;
import static io.qwark.engine.ScriptedRequests.assertRight;
import static io.qwark.engine.ScriptedRequests.failure;
import static io.qwark.engine.ScriptedRequests.submit;
import static io.qwark.engine.ScriptedRequests.submitMany;
import static io.qwark.engine.StallingModels.LIMITS;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.qwark.engine.StallingModels.Script;
import io.qwark.engine.api.Completion;
import io.qwark.engine.api.ErrorCode;
import io.qwark.engine.api.RequestException;
import io.qwark.engine.model.DeviceLostException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What becomes of requests over which models hang or die, and of those beside them. */
@Timeout(60)
class BadRequestsTest {
  /** From this token on, none follows another by itself. */
  private static final int BAD = 900;

  private final StallingModels models = new StallingModels();

  @AfterEach
  void letGo() {
    models.release();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void requestsOverWhichModelsHangOrDieFailAndNoOthers(boolean hang) {
    Script script =
        (model, step, packed) -> {
          boolean bad = Arrays.stream(packed.tokens()).anyMatch(token -> token >= BAD);
          models.hangIf(bad && hang);
          if (bad) {
            throw new DeviceLostException("CUDA error: device-side assert triggered", null);
          }
        };
    try (Engine engine = models.start(script)) {
      List<CompletableFuture<Completion>> bad = new ArrayList<>();
      List<CompletableFuture<Completion>> good = new ArrayList<>();
      for (int i = 0; i < 9; i++) {
        // Three of them in the first step, one after it.
        if (i == 1 || i == 2 || i == 6) {
          bad.add(submit(engine, BAD + i));
        }
        good.add(submit(engine, i));
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
            models.hangIf(Arrays.stream(packed.tokens()).anyMatch(token -> token >= BAD));
    try (Engine engine = models.start(script)) {
      assertEquals(ErrorCode.ENGINE_STALLED, failure(submit(engine, BAD)).code());
      assertEquals(3, engine.stats().restarts());
      assertRight(7, submit(engine, 7));
    }
  }

  @Test
  void aModelThatDoesNothingButTheProbeIsLost() {
    Script script = (model, step, packed) -> models.hangIf(packed.tokens()[0] != 0);
    try (Engine engine = models.start(script)) {
      assertLost(submitMany(engine, 20), "loading the model anew 4 times did not help");
      assertTrue(engine.hasEnded());
    }
  }
}
