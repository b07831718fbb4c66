package io.qwark.bench.gpu;

import io.qwark.bench.GreedyTexts;
import io.qwark.engine.LocalModelFactory;
import io.qwark.engine.api.Completion;
import io.qwark.engine.api.EngineOptions;
import io.qwark.engine.api.Generation;
import io.qwark.engine.api.Placement;
import io.qwark.engine.api.Prompt;
import io.qwark.engine.api.Quantization;
import io.qwark.engine.api.SamplingOptions;
import io.qwark.engine.api.SamplingParams;
import io.qwark.engine.api.TextModel;
import io.qwark.engine.api.UserException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/**
 * Requests of all kinds at once through the whole engine: greedy, sampled, with penalties, with
 * log-probabilities, with stop strings, short and long, in a cache that is too small for all.
 */
final class MixedBatch {
  private static final String NAME = TinyModels.WITH_TOKENIZER;
  private static final int COPIES = 3;
  private static final int TOKENS = 40;
  private static final int LOGPROBS = 5;

  /** Of float32's samples; sampling may tip over where two tokens are as close as rounding. */
  private static final double LEAST_SAME = 0.9;

  private final Path folder;
  private final List<int[]> prompts;
  private final List<Completion> reference;

  MixedBatch(Path folder, List<GreedyTexts.Text> texts) {
    this.folder = folder;
    this.prompts = texts.stream().map(GreedyTexts.Text::prompt).toList();
    this.reference = run(Quantization.FLOAT32, "cpu");
  }

  Verdict compare(Quantization quantization, String device) {
    String way = "mixed batch, " + quantization.wireName();
    try {
      List<Completion> completions = run(quantization, device);
      int same = 0;
      for (int i = 0; i < completions.size(); i++) {
        same += Arrays.equals(completions.get(i).tokenIds(), reference.get(i).tokenIds()) ? 1 : 0;
      }
      double part = (double) same / completions.size();
      boolean exact = quantization == Quantization.FLOAT32;
      return new Verdict(
          NAME,
          way,
          !exact || part >= LEAST_SAME ? Verdict.Outcome.PASSED : Verdict.Outcome.FAILED,
          null,
          "%d of %d samples as on the CPU in float32%s"
              .formatted(
                  same,
                  completions.size(),
                  exact ? ", %.0f %% were expected".formatted(100 * LEAST_SAME) : ""));
    } catch (UserException e) {
      return Verdict.refused(NAME, way, e.getMessage());
    } catch (RuntimeException e) {
      return Verdict.failed(NAME, way, e instanceof CompletionException ? e.getCause() : e);
    }
  }

  private List<Completion> run(Quantization quantization, String device) {
    EngineOptions options =
        EngineOptions.builder(folder.toString(), quantization)
            .maxNumSeqs(16)
            .maxNumBatchedTokens(256)
            .kvCacheTokens(2048L)
            .weightsCache(EngineOptions.NO_WEIGHTS_CACHE)
            .build();
    Placement placement = new Placement(device, Runtime.getRuntime().availableProcessors());
    try (TextModel model = new LocalModelFactory(options).load(placement)) {
      List<SamplingOptions> kinds = kinds();
      List<CompletableFuture<Generation>> futures = new ArrayList<>();
      List<SamplingParams> params = new ArrayList<>();
      for (int copy = 0; copy < COPIES; copy++) {
        for (int[] prompt : prompts) {
          SamplingParams kind = model.resolve(kinds.get(futures.size() % kinds.size()));
          params.add(kind);
          futures.add(model.submit(new Prompt.Tokens(prompt), copy, kind));
        }
      }
      List<Completion> completions = new ArrayList<>();
      for (int i = 0; i < futures.size(); i++) {
        Completion completion = futures.get(i).join().completion();
        check(completion, params.get(i));
        completions.add(completion);
      }
      return completions;
    }
  }

  private static List<SamplingOptions> kinds() {
    return List.of(
        options(0.0, null, null, null, null),
        options(0.8, 0.9, null, null, null),
        options(0.0, null, 1.2, null, null),
        options(0.7, null, null, List.of("a"), null),
        options(1.0, 0.95, 1.1, null, LOGPROBS),
        options(0.0, null, null, null, LOGPROBS));
  }

  private static SamplingOptions options(
      Double temperature, Double topP, Double repetition, List<String> stop, Integer logprobs) {
    return SamplingOptions.builder()
        .temperature(temperature)
        .topP(topP)
        .repetitionPenalty(repetition)
        .seed(5L)
        .maxTokens(TOKENS)
        .stop(stop)
        .logprobs(logprobs)
        .build();
  }

  /** What holds whatever the weights are rounded to. */
  private static void check(Completion completion, SamplingParams params) {
    int tokens = completion.tokenIds().length;
    if (tokens == 0 || tokens > TOKENS) {
      throw new IllegalStateException(
          tokens + " tokens came back where " + TOKENS + " were asked for");
    }
    if (params.logprobs() != SamplingParams.NO_LOGPROBS) {
      for (float logprob : completion.logprobs()) {
        if (!(logprob <= 0)) {
          throw new IllegalStateException("a log-probability is " + logprob);
        }
      }
    }
  }
}
