package io.qwark.bench.gpu;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * What a row of the table measures.
 *
 * @param samples submitted at once
 * @param input tokens of each prompt
 * @param output tokens to follow each
 */
record Load(int samples, int input, int output) {
  /** Samples for which a target is set: they come first, and have time for all of their tokens. */
  private static final int FIRST = 256;

  @JsonProperty
  String name() {
    return "%d/%d x %d".formatted(input, output, samples);
  }

  /** Its part of the time, relative to the others'. */
  @JsonProperty
  double weight() {
    double weight = 4 + Math.sqrt(samples);
    return isFirst() ? 2 * weight : weight;
  }

  private boolean isFirst() {
    return samples == FIRST && input < output;
  }

  /** Short prompts before long ones; the more something matters, the sooner. */
  static List<Load> all(List<Integer> concurrency, List<Integer> inputs, int output) {
    List<Load> loads = new ArrayList<>();
    for (int input : inputs) {
      concurrency.forEach(samples -> loads.add(new Load(samples, input, output)));
    }
    loads.sort(Comparator.comparingInt(Load::input).thenComparingInt(Load::rank));
    return loads;
  }

  private int rank() {
    return switch (samples) {
      case FIRST -> 0;
      case 1 -> 1;
      default -> 2 + samples;
    };
  }
}
