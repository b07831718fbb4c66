package io.qwark.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.qwark.engine.api.Completion;
import io.qwark.engine.api.ErrorCode;
import io.qwark.engine.api.FinishReason;
import io.qwark.engine.api.GenerationDefaults;
import io.qwark.engine.api.Quantization;
import io.qwark.engine.api.Request;
import io.qwark.engine.api.RequestException;
import io.qwark.engine.api.SamplingOptions;
import io.qwark.engine.api.SamplingParams;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class EngineTest {
  private static final String MODEL = "random-untied";
  private static final int CACHE = 4096;
  private static Engine engine;

  @BeforeAll
  static void start() {
    engine = TestEngines.start(MODEL, Quantization.FLOAT32, CACHE, 8, 256);
  }

  @AfterAll
  static void stop() {
    engine.close();
  }

  @Test
  void endsAtAStopTokenAndKeepsItAsTheLast() {
    Goldens.Case golden = Goldens.cases(MODEL).get(3);
    int stop = golden.greedy()[9];
    int first = Arrays.stream(golden.greedy()).boxed().toList().indexOf(stop);
    Completion completion =
        engine.submit(new Request(golden.prompt(), 0, greedy(32, List.of(stop)))).join();
    assertArrayEquals(Arrays.copyOf(golden.greedy(), first + 1), completion.tokenIds());
    assertEquals(FinishReason.STOP, completion.finishReason());
    assertTrue(completion.stoppedByToken());
  }

  @Test
  void endsAtMaxTokens() {
    Completion completion =
        engine.submit(new Request(new int[] {5, 6}, 0, Goldens.greedy(3))).join();
    assertEquals(3, completion.tokenIds().length);
    assertEquals(FinishReason.LENGTH, completion.finishReason());
  }

  @Test
  void endsWhereTheContextDoes() {
    int[] prompt = new int[Goldens.config(MODEL).maxPositionEmbeddings() - 4];
    Completion completion = engine.submit(new Request(prompt, 0, Goldens.greedy(100))).join();
    assertEquals(4, completion.tokenIds().length);
    assertEquals(FinishReason.LENGTH, completion.finishReason());
  }

  /** The expected numbers are log-softmax of the golden logits, computed here in double. */
  @Test
  void logprobsAreThoseOfTransformers() {
    Goldens.Case golden = Goldens.cases(MODEL).get(0);
    float[][] prefill = Goldens.logits(MODEL, "prefill");
    float[][] decode = Goldens.logits(MODEL, "decode");
    SamplingParams params =
        SamplingOptions.builder()
            .temperature(0.0)
            .maxTokens(8)
            .logprobs(3)
            .promptLogprobs(true)
            .build()
            .resolve(GenerationDefaults.none(List.of()));
    Completion completion = engine.submit(new Request(golden.prompt(), 0, params)).join();
    assertTrue(Float.isNaN(completion.promptLogprobs()[0]));
    for (int i = 1; i < golden.prompt().length; i++) {
      assertEquals(
          logSoftmax(prefill[i - 1], golden.prompt()[i]), completion.promptLogprobs()[i], 1e-4);
    }
    for (int i = 0; i < 8; i++) {
      float[] logits = i == 0 ? prefill[prefill.length - 1] : decode[i - 1];
      assertEquals(logSoftmax(logits, golden.greedy()[i]), completion.logprobs()[i], 1e-4);
      assertEquals(3, completion.topLogprobs().get(i).size());
      assertEquals(golden.greedy()[i], completion.topLogprobs().get(i).get(0).tokenId());
    }
  }

  @Test
  void presencePenaltyKeepsTokensFromComingBack() {
    // Differences between logits of this model are far below what 200 occurrences take off.
    SamplingParams params =
        SamplingOptions.builder()
            .temperature(0.0)
            .presencePenalty(2.0)
            .frequencyPenalty(2.0)
            .repetitionPenalty(100.0)
            .maxTokens(40)
            .build()
            .resolve(GenerationDefaults.none(List.of()));
    int[] tokens = engine.submit(new Request(new int[] {5, 6}, 0, params)).join().tokenIds();
    assertEquals(40, Arrays.stream(tokens).distinct().count());
  }

  @Test
  void turnsAwayWhatCannotBeDone() {
    assertFails(ErrorCode.EMPTY_PROMPT, new int[0]);
    assertFails(ErrorCode.INVALID_PROMPT, new int[] {1, -1});
    assertFails(ErrorCode.INVALID_PROMPT, new int[] {Goldens.config(MODEL).vocabSize()});
    assertFails(ErrorCode.PROMPT_TOO_LONG, new int[2048]);
    try (Engine small = TestEngines.start(MODEL, Quantization.FLOAT32, 100, 2, 64)) {
      CompletableFuture<Completion> result =
          small.submit(new Request(new int[100], 0, Goldens.greedy(1)));
      assertEquals(ErrorCode.KV_CACHE_TOO_SMALL, failure(result).code());
    }
  }

  @Test
  void cancellingFreesWhatARequestHolds() throws InterruptedException {
    List<CompletableFuture<Completion>> endless = new ArrayList<>();
    for (int i = 0; i < 12; i++) {
      endless.add(engine.submit(new Request(new int[] {7, i}, 0, Goldens.greedy(1900))));
    }
    while (engine.stats().running() < 8) {
      Thread.sleep(1);
    }
    endless.forEach(f -> f.cancel(true));
    while (engine.stats().running() + engine.stats().waiting() > 0) {
      engine.submit(new Request(new int[] {1}, 0, Goldens.greedy(1))).join();
    }
    assertEquals(CACHE, engine.stats().freeCacheTokens());
  }

  @Test
  void closingFailsWhatIsUnderWayAndWhatComesLater() {
    Engine closing = TestEngines.start(MODEL, Quantization.INT8, CACHE, 2, 64);
    CompletableFuture<Completion> running =
        closing.submit(new Request(new int[] {1}, 0, Goldens.greedy(1500)));
    closing.close();
    assertEquals(ErrorCode.CANCELLED, failure(running).code());
    CompletableFuture<Completion> late =
        closing.submit(new Request(new int[] {1}, 0, Goldens.greedy(1)));
    assertEquals(ErrorCode.CANCELLED, failure(late).code());
  }

  private static void assertFails(ErrorCode code, int[] prompt) {
    assertEquals(code, failure(engine.submit(new Request(prompt, 0, Goldens.greedy(1)))).code());
  }

  private static RequestException failure(CompletableFuture<Completion> future) {
    CompletionException e = assertThrows(CompletionException.class, future::join);
    return (RequestException) e.getCause();
  }

  private static SamplingParams greedy(int maxTokens, List<Integer> stopTokenIds) {
    return SamplingOptions.builder()
        .temperature(0.0)
        .maxTokens(maxTokens)
        .stopTokenIds(stopTokenIds)
        .build()
        .resolve(GenerationDefaults.none(List.of()));
  }

  private static double logSoftmax(float[] logits, int token) {
    double sum = 0;
    for (float l : logits) {
      sum += Math.exp(l);
    }
    return logits[token] - Math.log(sum);
  }
}
