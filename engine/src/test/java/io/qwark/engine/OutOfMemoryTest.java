package io.qwark.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.qwark.engine.api.Completion;
import io.qwark.engine.api.ErrorCode;
import io.qwark.engine.api.Request;
import io.qwark.engine.api.RequestException;
import io.qwark.engine.api.Speculative;
import io.qwark.engine.model.DeviceMemoryException;
import io.qwark.engine.model.ForwardModel;
import io.qwark.engine.model.StepScores;
import io.qwark.engine.sample.Penalties;
import io.qwark.engine.schedule.CacheMove;
import io.qwark.engine.schedule.PackedStep;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A step that runs out of memory is computed anew with fewer samples, which stay the same. */
@Timeout(120)
class OutOfMemoryTest {
  private static final int SAMPLES = 60;

  /** Where memory runs out. */
  private enum Where {
    /** While keys and values are written: some are, some are not. */
    STEP,
    /** When they are written already. */
    SCORES,
    MOVE
  }

  /** Has memory for so many runs of queries in a step, or so many tokens in a move. */
  private static final class Narrow implements ForwardModel {
    private final HashModel model;
    private final Where where;
    private final int most;
    private int largest;

    Narrow(int cacheTokens, Where where, int most) {
      this.model = new HashModel(cacheTokens, 3);
      this.where = where;
      this.most = most;
    }

    private static DeviceMemoryException failure() {
      return new DeviceMemoryException("CUDA out of memory.", null);
    }

    @Override
    public boolean rowsIndependent() {
      return true;
    }

    @Override
    public void move(CacheMove move) {
      if (where == Where.MOVE && move.count() > most) {
        throw failure();
      }
      model.move(move);
    }

    @Override
    public StepScores step(PackedStep step) {
      int runs = step.ends().length;
      boolean tooMany = where != Where.MOVE && runs > most;
      if (where == Where.STEP && tooMany) {
        model.step(half(step));
        throw failure();
      }
      largest = Math.max(largest, tooMany ? 0 : runs);
      StepScores scores = model.step(step);
      return tooMany ? new NoRoom(scores) : scores;
    }

    /** What the first spans write, with wrong tokens: nobody may rely on it. */
    private static PackedStep half(PackedStep step) {
      return new PackedStep(
          Arrays.stream(step.tokens()).map(token -> HashModel.VOCABULARY - 1 - token).toArray(),
          step.positions(),
          step.slots(),
          Arrays.copyOf(step.spans(), step.spans().length / 8 * 4),
          Arrays.copyOf(step.shared(), step.spans().length / 8 * 2),
          step.ends(),
          step.scored());
    }

    @Override
    public void close() {
      model.close();
    }

    private record NoRoom(StepScores scores) implements StepScores {
      @Override
      public SampledRows sample(long[] rows, Penalties penalties) {
        throw failure();
      }

      @Override
      public float[] logprobs(long[] rows, long[] next) {
        throw failure();
      }

      @Override
      public void close() {
        scores.close();
      }
    }
  }

  private static EngineLimits limits(
      int cacheTokens, boolean caching, Speculative guesses, int ahead) {
    return new EngineLimits(
        HashModel.VOCABULARY, 400, cacheTokens, 16, 16 + 64, caching, guesses, ahead);
  }

  /** Some of the prompts begin alike. */
  private static List<Request> requests() {
    Random random = new Random(5);
    int[] beginning = random.ints(80, 0, HashModel.VOCABULARY).toArray();
    List<Request> requests = new ArrayList<>();
    for (int i = 0; i < SAMPLES; i++) {
      int common = random.nextInt(3) == 0 ? 0 : random.nextInt(beginning.length);
      int[] own = random.ints(1 + random.nextInt(90), 0, HashModel.VOCABULARY).toArray();
      int[] prompt =
          IntStream.concat(Arrays.stream(beginning, 0, common), Arrays.stream(own)).toArray();
      requests.add(new Request(prompt, i, Goldens.greedy(1 + random.nextInt(60))));
    }
    return requests;
  }

  private static List<int[]> run(Engine engine) {
    List<CompletableFuture<Completion>> futures = requests().stream().map(engine::submit).toList();
    return futures.stream().map(future -> future.join().tokenIds()).toList();
  }

  @ParameterizedTest
  @CsvSource({
    "STEP, 5, 8192, false",
    "STEP, 5, 8192, true",
    "STEP, 3, 700, true",
    "SCORES, 5, 8192, true",
    "SCORES, 3, 700, true",
    "SCORES, 1, 8192, true",
    "MOVE, 40, 700, true",
    "MOVE, 40, 8192, true"
  })
  void samplesStayTheSame(Where where, int most, int cacheTokens, boolean caching) {
    List<int[]> expected;
    try (Engine engine =
        Engine.start(limits(8192, false, null, 1), null, l -> new HashModel(l.cacheTokens(), 3))) {
      expected = run(engine);
    }
    Speculative guesses = new Speculative(4, 3, 1, 8);
    EngineLimits plain = limits(cacheTokens, caching, null, 1);
    EngineLimits guessing = limits(cacheTokens, caching, guesses, 1);
    EngineLimits ahead = limits(cacheTokens, caching, null, 8);
    for (EngineLimits limits : List.of(plain, guessing, ahead)) {
      check(limits, where, most, expected);
    }
  }

  private static void check(EngineLimits limits, Where where, int most, List<int[]> expected) {
    List<Narrow> models = new ArrayList<>();
    try (Engine engine =
        Engine.start(
            limits,
            null,
            l -> {
              models.add(new Narrow(l.cacheTokens(), where, most));
              return l.decodeStepsAhead() == 1
                  ? models.get(0)
                  : new AheadByStep(models.get(0), () -> true);
            })) {
      List<int[]> found = run(engine);
      for (int i = 0; i < SAMPLES; i++) {
        assertArrayEquals(expected.get(i), found.get(i), "sample " + i + " with " + limits);
      }
      EngineStats stats = engine.stats();
      assertTrue(stats.outOfMemory() > 0, stats.toString());
      assertEquals(limits.decodeStepsAhead() > 1, stats.aheadTokens() > 0, stats.toString());
      assertEquals(0, stats.restarts());
      assertEquals(limits.cacheTokens(), stats.freeCacheTokens());
      assertEquals(1, models.size(), "the model stays");
      if (where != Where.MOVE) {
        // Half of what failed runs, so more than half of what there is memory for.
        assertTrue(2 * models.get(0).largest > most, "at most " + models.get(0).largest);
      }
    }
  }

  @Test
  void aSampleThatDoesNotFitAloneFailsAndOthersGoOn() {
    try (Engine engine =
        Engine.start(
            new EngineLimits(1000, 64, 256, 4, 32, true, null, 1),
            null,
            l ->
                new ScriptedForwardModel(
                    step -> {
                      if (Arrays.stream(step.tokens()).anyMatch(token -> token == 666)) {
                        throw new DeviceMemoryException("CUDA out of memory.", null);
                      }
                    }))) {
      List<CompletableFuture<Completion>> good = new ArrayList<>();
      good.add(submit(engine, 1));
      CompletableFuture<Completion> bad = submit(engine, 666);
      good.add(submit(engine, 2));
      RequestException failure =
          (RequestException) assertThrows(CompletionException.class, bad::join).getCause();
      assertEquals(ErrorCode.ENGINE_FAILURE, failure.code());
      assertTrue(failure.getMessage().contains("one sample alone"), failure.getMessage());
      assertTrue(failure.getMessage().contains("CUDA out of memory."), failure.getMessage());
      good.forEach(future -> assertEquals(4, future.join().tokenIds().length));
      assertEquals(256, engine.stats().freeCacheTokens());
    }
  }

  private static CompletableFuture<Completion> submit(Engine engine, int token) {
    return engine.submit(new Request(new int[] {token}, 0, Goldens.greedy(4)));
  }
}
