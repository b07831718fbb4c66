package io.qwark.bench;

import io.qwark.engine.api.TextModel;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.DoubleSupplier;
import java.util.stream.IntStream;

/** Random prompts, sampled as the model's generation config says. */
final class Workload {
  private final Together together;
  private final Random random = new Random(7);

  Workload(TextModel model) {
    this.together = new Together(model, false);
  }

  /** New tokens a second of all samples together, from each one's first token to its last. */
  Rate decode(int samples, int input, int output, int repeats) {
    return repeat(
        "decode " + input + " in, " + output + " out",
        samples,
        repeats,
        () ->
            samples
                * (output - 1)
                / Together.decodeMs(together.run(requests(samples, input, output)))
                * 1000);
  }

  /** Prompt tokens a second, from the start of the first prompt to the last one's first token. */
  Rate prefill(int samples, int input, int repeats) {
    return repeat(
        "prefill " + input,
        samples,
        repeats,
        () ->
            samples
                * input
                / Together.prefillMs(together.runAtOnce(requests(samples, input, 1)))
                * 1000);
  }

  private static Rate repeat(String phase, int samples, int repeats, DoubleSupplier measurement) {
    List<Double> rates = new ArrayList<>();
    for (int i = 0; i <= repeats; i++) {
      rates.add(measurement.getAsDouble());
    }
    // The first one warmed up caches, memory and the JVM.
    return new Rate(phase, samples, rates.subList(1, rates.size()));
  }

  private List<TimedRequest> requests(int samples, int input, int output) {
    return IntStream.range(0, samples)
        .mapToObj(
            i -> new TimedRequest(random.ints(input, 0, RequestLists.TOKENS).toArray(), output))
        .toList();
  }
}
