package io.qwark.jobs.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.qwark.jobs.score.Verdict;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunReportTest {
  static final String HOSTILE =
      "</script><script>document.title='taken'</script><!--<script>"
          + "<img src=x onerror=\"document.title='taken'\">\u2028\u2029\u0000\ud800 {{title}} ' \"";

  @TempDir Path folder;

  private static String html(List<ReportSample> samples) throws Exception {
    return RunReport.html(
        DemoRun.summary(samples), DemoRun.run(), DemoRun.progress(samples), samples.iterator());
  }

  private static JsonNode data(String html) throws Exception {
    Matcher matcher =
        Pattern.compile(
                "<script type=\"application/json\" id=\"data\">(.*?)</script>", Pattern.DOTALL)
            .matcher(html);
    assertTrue(matcher.find());
    return new ObjectMapper().readTree(matcher.group(1));
  }

  static ReportSample hostileSample() {
    return new ReportSample(
        HOSTILE,
        0,
        HOSTILE,
        HOSTILE,
        Verdict.INCORRECT,
        HOSTILE,
        HOSTILE,
        HOSTILE,
        HOSTILE,
        HOSTILE,
        HOSTILE,
        HOSTILE,
        1,
        1,
        1.0,
        1.0);
  }

  @Test
  void writesBothFilesOfTheRun() throws Exception {
    List<ReportSample> samples = DemoRun.samples(20, 4);
    RunFiles files =
        new RunFiles(new org.apache.hadoop.fs.Path(folder.toUri()), new Configuration());
    RunReport.write(
        files,
        DemoRun.summary(samples),
        DemoRun.run(),
        DemoRun.progress(samples),
        samples.iterator());
    assertEquals(
        20,
        new ObjectMapper()
            .readTree(folder.resolve("summary.json").toFile())
            .get("problems")
            .intValue());
    String html = Files.readString(folder.resolve("report.html"));
    assertTrue(html.contains("quickstart-20261122-061500"));
    assertTrue(html.contains("151645, 151643"));
    assertTrue(html.contains("avg@4"));
    assertEquals(80, data(html).get("samples").size());
  }

  @Test
  void loadsNothingFromAnywhere() throws Exception {
    String html = html(DemoRun.samples(3, 2));
    assertFalse(Pattern.compile("(?i)\\s(src|href)=\"(?!#)").matcher(html).find());
    assertFalse(html.contains("@import"));
    assertFalse(html.contains("sourceMappingURL"));
    assertTrue(html.contains("content=\"default-src &#39;none&#39;"));
  }

  @Test
  void hostileTextStaysTextInTheEmbeddedData() throws Exception {
    String html = html(List.of(hostileSample()));
    // The page's own three scripts and no other.
    assertEquals(3, html.split("<script", -1).length - 1);
    assertEquals(3, html.split("</script>", -1).length - 1);
    JsonNode sample = data(html).get("samples").get(0);
    for (String field :
        List.of("id", "problem", "answer", "reasoning", "expected", "explanation")) {
      assertEquals(HOSTILE.replace('\ud800', '\ufffd'), sample.get(field).textValue(), field);
    }
  }

  @Test
  void hostileTextStaysTextInTheSettings() throws Exception {
    JsonNode run =
        new ObjectMapper().createObjectNode().put("run_id", HOSTILE).put(HOSTILE, HOSTILE);
    List<ReportSample> samples = DemoRun.samples(2, 2);
    String html = RunReport.html(DemoRun.summary(samples), run, List.of(), samples.iterator());
    assertFalse(html.contains("<img"));
    assertEquals(3, html.split("</script>", -1).length - 1);
    assertTrue(html.contains("&lt;/script&gt;&lt;script&gt;"));
  }

  @Test
  void showsAsManySamplesAsItSaysWithFailuresFirst() throws Exception {
    List<ReportSample> samples = DemoRun.samples(300, 8);
    String html = html(samples);
    JsonNode shown = data(html).get("samples");
    assertEquals(500, shown.size());
    assertTrue(html.contains("500 of the run&#39;s 2,400 samples"), "says that it is cut");
    assertEquals("failed", shown.get(0).get("verdict").textValue());
    assertEquals("correct", shown.get(499).get("verdict").textValue());
    Collections.shuffle(samples, new Random(1));
    assertEquals(shown, data(html(samples)).get("samples"), "the order of rows does not matter");
  }

  @Test
  void shortensLongTextsAndSaysSo() throws Exception {
    String longText = "a".repeat(1_000_000) + "THE END";
    ReportSample sample =
        new ReportSample(
            "x",
            0,
            "p",
            "1",
            Verdict.CORRECT,
            "1",
            "",
            null,
            null,
            "stop",
            longText,
            longText,
            1,
            1,
            null,
            null);
    JsonNode shown = data(html(List.of(sample))).get("samples").get(0);
    String reasoning = shown.get("reasoning").textValue();
    assertTrue(reasoning.length() < 13_000);
    assertTrue(reasoning.endsWith("THE END"));
    assertTrue(
        reasoning.contains("988,007 characters left out"), reasoning.substring(5_990, 6_100));
    assertTrue(shown.get("ms").isNull());
  }

  @Test
  void anEmptyRunHasAPageToo() throws Exception {
    String html = html(List.of());
    assertTrue(html.contains("There are no samples, so there is no score."));
    assertEquals(0, data(html).get("samples").size());
  }

  @Test
  void theChartLibraryIsInlined() throws Exception {
    String html = html(DemoRun.samples(1, 1));
    assertTrue(html.contains("Chart.js v4.5.1"));
    assertTrue(html.contains("Released under the MIT License"));
    assertTrue(html.getBytes(StandardCharsets.UTF_8).length < 400_000);
  }
}
