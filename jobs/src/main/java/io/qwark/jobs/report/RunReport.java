package io.qwark.jobs.report;

import com.fasterxml.jackson.databind.JsonNode;
import io.qwark.jobs.metrics.Summary;
import java.util.Iterator;
import java.util.List;

/** Writes {@code summary.json} and {@code report.html} of a run. */
public final class RunReport {
  public static final String SUMMARY_FILE = "summary.json";
  public static final String HTML_FILE = "report.html";

  private RunReport() {}

  /**
   * Reads the samples once, in any order, in bounded memory: the page shows at most {@value
   * SampleShelf#CAPACITY} of them, what went wrong first, with long texts shortened.
   *
   * @param run the content of {@code run.json}; its values are shown as they are, and {@code
   *     run_id}, {@code model.path} and {@code dataset.path} (or below {@code config}) as headings
   * @param progress in order of time; empty if unknown, and then there is no chart of it
   * @throws io.qwark.engine.api.UserException if a file cannot be written
   */
  public static void write(
      RunFiles files,
      Summary summary,
      JsonNode run,
      List<ProgressPoint> progress,
      Iterator<ReportSample> samples) {
    files.writeJson(SUMMARY_FILE, SummaryJson.of(summary));
    files.writeText(HTML_FILE, html(summary, run, progress, samples));
  }

  static String html(
      Summary summary, JsonNode run, List<ProgressPoint> progress, Iterator<ReportSample> samples) {
    ReportData data = new ReportData();
    samples.forEachRemaining(data::add);
    return ReportPage.of(ReportContext.of(summary, run, data.shown()), data.toJson(progress));
  }
}
