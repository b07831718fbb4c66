package io.qwark.jobs.report;

import io.qwark.jobs.metrics.Estimate;

/** What a score says, in a few words. */
final class Meanings {
  private Meanings() {}

  static String of(Estimate estimate) {
    if (estimate.name().startsWith("avg@")) {
      return "share of samples that are correct";
    }
    return estimate.name().startsWith("maj@")
        ? "problems whose most frequent answer is correct"
        : estimate.k() == 1
            ? "chance that a sample is correct"
            : "chance that one of " + estimate.k() + " samples is correct";
  }
}
