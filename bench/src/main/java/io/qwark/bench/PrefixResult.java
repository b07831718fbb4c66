package io.qwark.bench;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.ArrayList;
import java.util.List;

/**
 * How long prompts with a common beginning take, in seconds, against one such beginning and all
 * their ends as prompts by themselves. One of each for a repetition.
 */
record PrefixResult(
    @JsonProperty("shared_s") List<Double> shared, @JsonProperty("apart_s") List<Double> apart) {

  static PrefixResult measure(Side ours, int repeats) {
    List<Double> shared = new ArrayList<>();
    List<Double> apart = new ArrayList<>();
    try (MeasuredProcess process = ours.start(Row.PREFIX.job(), Side.PrefixCaching.ON)) {
      for (int i = 0; i <= repeats; i++) {
        // Other tokens each time: nothing of them may be in a cache.
        double together = seconds(process, RequestLists.sharedBeginning(100 + i));
        double separate = seconds(process, RequestLists.beginningAndEnds(1000 + i));
        // The first one warmed up.
        if (i > 0) {
          shared.add(together);
          apart.add(separate);
        }
      }
    }
    return new PrefixResult(shared, apart);
  }

  private static double seconds(MeasuredProcess process, List<TimedRequest> requests) {
    return process.run(new Job(Job.Kind.PREFILL, requests)).number("seconds");
  }

  @JsonProperty
  double ratio() {
    return median(shared) / median(apart);
  }

  static double median(List<Double> values) {
    return new Rate("", 1, values).median();
  }
}
