package io.qwark.bench;

import io.qwark.engine.api.Generation;
import io.qwark.engine.api.Prompt;
import io.qwark.engine.api.SamplingOptions;
import io.qwark.engine.api.SamplingParams;
import io.qwark.engine.api.TextModel;
import io.qwark.engine.api.Timings;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.function.DoubleSupplier;

/** Random prompts, sampled as the model's generation config says. */
final class Workload {
  /** The tokenizer of random checkpoints has more than these. */
  private static final int TOKENS = 512;

  /** Tokens of a prompt that takes longer than submitting all others does. */
  private static final int GATE = 256;

  private final TextModel model;
  private final Random random = new Random(7);

  Workload(TextModel model) {
    this.model = model;
  }

  /** New tokens a second of all samples together, from each one's first token to its last. */
  Rate decode(int samples, int input, int output, int repeats) {
    return repeat(
        "decode " + input + " in, " + output + " out",
        samples,
        repeats,
        () -> {
          List<Timings> timings = together(samples, input, output);
          double slowest =
              timings.stream().mapToDouble(t -> t.totalMs() - t.firstTokenMs()).max().orElseThrow();
          return samples * (output - 1) / slowest * 1000;
        });
  }

  /** Prompt tokens a second, from the start of the first prompt to the last one's first token. */
  Rate prefill(int samples, int input, int repeats) {
    return repeat(
        "prefill " + input,
        samples,
        repeats,
        () -> {
          List<Timings> timings = together(samples, input, 1);
          double begun = timings.stream().mapToDouble(Timings::queueMs).min().orElseThrow();
          double ended = timings.stream().mapToDouble(Timings::firstTokenMs).max().orElseThrow();
          return samples * input / (ended - begun) * 1000;
        });
  }

  private static Rate repeat(String phase, int samples, int repeats, DoubleSupplier measurement) {
    List<Double> rates = new ArrayList<>();
    for (int i = 0; i <= repeats; i++) {
      rates.add(measurement.getAsDouble());
    }
    // The first one warmed up caches, memory and the JVM.
    return new Rate(phase, samples, rates.subList(1, rates.size()));
  }

  /**
   * Runs samples that start in the same step: while a first prompt, not counted, keeps the engine
   * busy, all others are submitted.
   */
  private List<Timings> together(int samples, int input, int output) {
    CompletableFuture<Generation> gate = submit(Math.max(input, GATE), 1);
    List<CompletableFuture<Generation>> generations = new ArrayList<>();
    for (int i = 0; i < samples; i++) {
      generations.add(submit(input, output));
    }
    gate.join();
    return generations.stream()
        .map(g -> g.join().completion().timings())
        .sorted(Comparator.comparingDouble(Timings::totalMs))
        .toList();
  }

  private CompletableFuture<Generation> submit(int input, int output) {
    int[] prompt = random.ints(input, 0, TOKENS).toArray();
    return model.submit(new Prompt.Tokens(prompt), 0, params(output));
  }

  private SamplingParams params(int maxTokens) {
    return model.resolve(
        new SamplingOptions(
            null, null, null, null, null, null, null, 1L, maxTokens, null, null, true, null, null));
  }
}
