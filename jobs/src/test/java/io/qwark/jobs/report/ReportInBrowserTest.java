package io.qwark.jobs.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Opens reports in a headless Chromium; skipped where there is none. */
class ReportInBrowserTest {
  private static final int TIMEOUT_SECONDS = 90;

  @TempDir Path folder;

  /** The document after its scripts ran, and what the browser logged. */
  private record Opened(String document, String log) {}

  @Test
  void drawsItsChartsAndListsItsSamples() throws Exception {
    List<ReportSample> samples = DemoRun.samples(200, 4);
    Opened opened = open(samples);
    for (String chart : List.of("columns", "accuracies", "lengths", "seconds", "progress")) {
      assertTrue(opened.document.contains("id=\"figure-" + chart + "\">"), chart + " is not shown");
    }
    assertEquals(50, opened.document.split("<details class=\"sample\">", -1).length - 1);
    assertTrue(opened.document.contains("Showing 50 of 500 samples"), "status line");
    assertFalse(opened.log.contains("CONSOLE"), opened.log);
  }

  @Test
  void runsNoScriptFromHostileText() throws Exception {
    List<ReportSample> samples = new ArrayList<>(DemoRun.samples(2, 2));
    samples.add(RunReportTest.hostileSample());
    Opened opened = open(samples);
    assertTrue(opened.document.contains("<title>quickstart-20261122-061500 · Qwark</title>"));
    assertFalse(opened.document.contains("<img"), "markup from data");
    assertTrue(opened.document.contains("Showing 5 of 5 samples"), "status line");
    assertFalse(opened.log.contains("CONSOLE"), opened.log);
  }

  @Test
  void opensWithoutAnySample() throws Exception {
    Opened opened = open(List.of());
    assertTrue(opened.document.contains("Showing 0 of 0 samples"), "status line");
    assertFalse(opened.log.contains("CONSOLE"), opened.log);
  }

  private Opened open(List<ReportSample> samples) throws Exception {
    String html =
        RunReport.html(
            DemoRun.summary(samples),
            DemoRun.run(),
            samples.isEmpty() ? List.of() : DemoRun.progress(samples),
            samples.iterator());
    Path page = Files.write(folder.resolve("report.html"), html.getBytes(StandardCharsets.UTF_8));
    File document = folder.resolve("document").toFile();
    File log = folder.resolve("log").toFile();
    Process process =
        new ProcessBuilder(
                browser(),
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--enable-logging=stderr",
                "--user-data-dir=" + folder.resolve("profile"),
                "--virtual-time-budget=5000",
                "--dump-dom",
                page.toUri().toString())
            .redirectOutput(document)
            .redirectError(log)
            .start();
    if (!process.waitFor(TIMEOUT_SECONDS, TimeUnit.SECONDS)) {
      process.destroyForcibly().waitFor();
      throw new IOException("The browser did not end in " + TIMEOUT_SECONDS + " s");
    }
    return new Opened(Files.readString(document.toPath()), Files.readString(log.toPath()));
  }

  private static String browser() {
    Optional<Path> browser =
        Arrays.stream(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator))
            .flatMap(folder -> Stream.of("chromium", "google-chrome").map(Path.of(folder)::resolve))
            .filter(Files::isExecutable)
            .findFirst();
    assumeTrue(browser.isPresent(), "no chromium or google-chrome on the PATH");
    return browser.get().toString();
  }
}
