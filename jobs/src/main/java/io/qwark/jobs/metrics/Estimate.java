package io.qwark.jobs.metrics;

/**
 * One score of a run.
 *
 * @param name such as avg@4, pass@2, maj@4
 * @param k the number behind the @; for avg and maj the samples of each problem
 * @param value between 0 and 1, or null if it cannot be given
 * @param standardError sample standard deviation of the problems' values over the square root of
 *     their number; null with fewer than two problems or without a value
 * @param omitted why there is no value, else null
 */
public record Estimate(String name, int k, Double value, Double standardError, String omitted) {
  static Estimate omitted(String name, int k, String reason) {
    return new Estimate(name, k, null, null, reason);
  }

  /** The mean over problems. Problems, not samples, are independent of each other. */
  static Estimate ofProblems(String name, int k, double[] values) {
    double sum = 0;
    for (double value : values) {
      sum += value;
    }
    double mean = sum / values.length;
    if (values.length < 2) {
      return new Estimate(name, k, mean, null, null);
    }
    double squares = 0;
    for (double value : values) {
      squares += (value - mean) * (value - mean);
    }
    double deviation = Math.sqrt(squares / (values.length - 1));
    return new Estimate(name, k, mean, deviation / Math.sqrt(values.length), null);
  }
}
