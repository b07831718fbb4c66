package io.qwark.bench;

import io.qwark.engine.api.Generation;
import io.qwark.engine.api.Prompt;
import io.qwark.engine.api.SamplingOptions;
import io.qwark.engine.api.SamplingParams;
import io.qwark.engine.api.TextModel;
import io.qwark.engine.api.Timings;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.LockSupport;
import java.util.function.ToDoubleFunction;
import java.util.stream.DoubleStream;

/** Submits requests to the engine and reads off how long they took, in milliseconds. */
final class Together {
  /** Tokens of a prompt that takes longer than submitting all others does. */
  private static final int GATE = 256;

  private final TextModel model;
  private final boolean greedy;
  private final Random random = new Random(7);

  /**
   * @param greedy whether to take the likeliest token, or to sample as the model's generation
   *     config says
   */
  Together(TextModel model, boolean greedy) {
    this.model = model;
    this.greedy = greedy;
  }

  /**
   * Runs requests that start in the same step, as far as there is room: while a first prompt, not
   * counted, keeps the engine busy, all others are submitted. Not for timing prompts: if the engine
   * is slow to begin with it, the first prompt is computed in the same step as the others.
   */
  List<Generation> run(List<TimedRequest> requests) {
    int[] gate = random.ints(GATE, 0, RequestLists.TOKENS).toArray();
    CompletableFuture<Generation> busy = submit(new TimedRequest(gate, 1));
    // Time for the engine to begin with it, before it finds others that it could take along.
    LockSupport.parkNanos(5_000_000);
    List<Generation> generations = runAtOnce(requests);
    busy.join();
    return generations;
  }

  /** Submits all requests and waits for the last. */
  List<Generation> runAtOnce(List<TimedRequest> requests) {
    List<CompletableFuture<Generation>> futures = new ArrayList<>();
    for (TimedRequest request : requests) {
      futures.add(submit(request));
    }
    List<Generation> generations = futures.stream().map(CompletableFuture::join).toList();
    for (int i = 0; i < generations.size(); i++) {
      int tokens = generations.get(i).completion().tokenIds().length;
      if (tokens != requests.get(i).output()) {
        throw new IllegalStateException(
            "A request for " + requests.get(i).output() + " tokens gave " + tokens);
      }
    }
    return generations;
  }

  /**
   * Whether all first tokens came at nearly the same time. Otherwise some samples had their prompts
   * computed while others were at their tokens already, and what these took says little.
   */
  static boolean startedTogether(List<Generation> generations) {
    double earliest = timings(generations, Timings::firstTokenMs).min().orElseThrow();
    double latest = timings(generations, Timings::firstTokenMs).max().orElseThrow();
    return latest - earliest <= 0.05 * decodeMs(generations);
  }

  /** From the first token to the last, of the sample that took longest. */
  static double decodeMs(List<Generation> generations) {
    return timings(generations, t -> t.totalMs() - t.firstTokenMs()).max().orElseThrow();
  }

  /** From the start of the first prompt to the first token of the last. */
  static double prefillMs(List<Generation> generations) {
    double begun = timings(generations, Timings::queueMs).min().orElseThrow();
    return timings(generations, Timings::firstTokenMs).max().orElseThrow() - begun;
  }

  private static DoubleStream timings(
      List<Generation> generations, ToDoubleFunction<Timings> time) {
    return generations.stream().map(g -> g.completion().timings()).mapToDouble(time);
  }

  private CompletableFuture<Generation> submit(TimedRequest request) {
    return model.submit(new Prompt.Tokens(request.prompt()), 0, params(request.output()));
  }

  private SamplingParams params(int maxTokens) {
    Double temperature = greedy ? 0.0 : null;
    return model.resolve(
        SamplingOptions.builder()
            .temperature(temperature)
            .seed(1L)
            .maxTokens(maxTokens)
            .ignoreEos(true)
            .build());
  }
}
