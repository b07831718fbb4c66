package io.qwark.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.qwark.engine.api.Completion;
import io.qwark.engine.api.FinishReason;
import io.qwark.engine.api.Generation;
import io.qwark.engine.api.GenerationDefaults;
import io.qwark.engine.api.ModelInfo;
import io.qwark.engine.api.Prompt;
import io.qwark.engine.api.SamplingOptions;
import io.qwark.engine.api.SamplingParams;
import io.qwark.engine.api.TextModel;
import io.qwark.engine.api.Timings;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class TogetherTest {
  private static final List<TimedRequest> REQUESTS =
      List.of(new TimedRequest(new int[] {1, 2}, 3), new TimedRequest(new int[] {3}, 4));

  /** Answers at once, with times that depend on the order of submission. */
  private static final class FakeModel implements TextModel {
    final List<Integer> promptLengths = new ArrayList<>();
    final List<SamplingParams> params = new ArrayList<>();
    int missing;

    @Override
    public ModelInfo info() {
      throw new UnsupportedOperationException();
    }

    @Override
    public SamplingParams resolve(SamplingOptions options) {
      return options.resolve(new GenerationDefaults(0.6, 0.95, 20, 0.0, 1.0, List.of(9)));
    }

    @Override
    public CompletableFuture<Generation> submit(Prompt prompt, int index, SamplingParams asked) {
      promptLengths.add(((Prompt.Tokens) prompt).ids().length);
      params.add(asked);
      int n = promptLengths.size();
      Timings timings = new Timings(10 * n, 100 * n, 100 * n + 1000.0 / n);
      int[] tokens = new int[asked.maxTokens() - missing];
      Completion completion =
          new Completion(tokens, FinishReason.LENGTH, false, null, null, null, null, timings);
      return CompletableFuture.completedFuture(new Generation("", null, "", 1, completion));
    }

    @Override
    public void close() {}
  }

  @Test
  void anUncountedPromptGoesFirst() {
    FakeModel model = new FakeModel();
    List<Generation> generations = new Together(model, true).run(REQUESTS);
    assertEquals(List.of(256, 2, 1), model.promptLengths);
    assertEquals(2, generations.size());
    // The second and third submission: 1000/2 after the first token, and from 20 to 300 ms.
    assertEquals(500, Together.decodeMs(generations));
    assertEquals(280, Together.prefillMs(generations));
  }

  @Test
  void greedySamplesGoOnToTheirLastToken() {
    FakeModel model = new FakeModel();
    new Together(model, true).runAtOnce(REQUESTS);
    assertEquals(List.of(2, 1), model.promptLengths);
    for (SamplingParams params : model.params) {
      assertTrue(params.greedy());
      assertTrue(params.stopTokenIds().isEmpty());
    }
    assertEquals(3, model.params.get(0).maxTokens());
  }

  @Test
  void otherwiseTheModelsOwnSamplingIsUsed() {
    FakeModel model = new FakeModel();
    new Together(model, false).runAtOnce(REQUESTS);
    assertEquals(0.6, model.params.get(0).temperature());
    assertEquals(20, model.params.get(0).topK());
  }

  @Test
  void tokensThatAreMissingAreNotOverlooked() {
    FakeModel model = new FakeModel();
    model.missing = 1;
    Exception e =
        assertThrows(
            IllegalStateException.class, () -> new Together(model, true).runAtOnce(REQUESTS));
    assertEquals("A request for 3 tokens gave 2", e.getMessage());
  }
}
