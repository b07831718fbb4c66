package io.qwark.jobs;

import io.qwark.jobs.run.RunFolder;
import io.qwark.udf.InferenceMetrics;

/** How a job without scores ended. */
final class Outcome {
  private Outcome() {}

  /** Says where the results are; returns the exit code, which is 1 if there is not one. */
  static int tell(Terminal terminal, RunFolder folder, InferenceMetrics metrics) {
    terminal
        .out()
        .printf(
            "%d samples, %d of them failed%nResults: %s%n",
            metrics.samplesOk() + metrics.samplesError(), metrics.samplesError(), folder.shown());
    if (metrics.samplesOk() == 0) {
      terminal.failed("every sample failed; the rows' error_message says why");
      return Main.FAILED;
    }
    return Main.DONE;
  }
}
