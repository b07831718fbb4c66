package io.qwark.jobs.metrics;

/**
 * The unbiased estimator of the chance that at least one of k samples is correct, from n samples of
 * which c are (Chen et al. 2021, "Evaluating Large Language Models Trained on Code", section 2.1).
 */
final class PassAtK {
  private PassAtK() {}

  /**
   * @return 1 − C(n−c, k) / C(n, k), as a product that neither overflows nor cancels
   * @throws IllegalArgumentException if there are fewer than k samples: it has no estimate then
   */
  static double estimate(int n, int c, int k) {
    if (k < 1 || k > n || c < 0 || c > n) {
      throw new IllegalArgumentException("No pass@" + k + " of " + c + " in " + n);
    }
    if (n - c < k) {
      return 1;
    }
    double allWrong = 1;
    for (int i = n - c + 1; i <= n; i++) {
      allWrong *= 1 - (double) k / i;
    }
    return 1 - allWrong;
  }
}
