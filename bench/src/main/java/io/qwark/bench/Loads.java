package io.qwark.bench;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.io.IOException;
import java.nio.file.Path;

/**
 * How long our engine takes to load a shape: once with nothing converted, and once more.
 *
 * @param first seconds, with converting the weights
 * @param again seconds, from the converted weights, which are still in memory
 * @param memory after loading again, without any work done
 */
record Loads(
    @JsonProperty("first_s") double first,
    @JsonProperty("again_s") double again,
    @JsonProperty("memory_mib") ProcessMemory memory) {

  static Loads measure(Side ours, Path weightsCache) throws IOException {
    Checkpoints.delete(weightsCache);
    Job least = Row.DECODE_1.job();
    double first;
    try (MeasuredProcess process = ours.start(least, Side.PrefixCaching.OFF)) {
      first = seconds(process);
    }
    try (MeasuredProcess process = ours.start(least, Side.PrefixCaching.OFF)) {
      return new Loads(first, seconds(process), process.memory());
    }
  }

  private static double seconds(MeasuredProcess process) {
    return process.ready().number("load_ms") / 1000;
  }
}
