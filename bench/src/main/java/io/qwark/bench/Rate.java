package io.qwark.bench;

import java.util.Collections;
import java.util.List;

/**
 * Tokens a second over repeated measurements.
 *
 * @param phase what was done
 * @param samples how many at a time
 * @param measured one for each repetition, in rising order
 */
record Rate(String phase, int samples, List<Double> measured) {
  Rate {
    measured = measured.stream().sorted().toList();
  }

  double median() {
    int n = measured.size();
    return (measured.get((n - 1) / 2) + measured.get(n / 2)) / 2;
  }

  double lowest() {
    return Collections.min(measured);
  }

  double highest() {
    return Collections.max(measured);
  }
}
