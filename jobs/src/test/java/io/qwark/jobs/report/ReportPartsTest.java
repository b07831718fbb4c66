package io.qwark.jobs.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.TextNode;
import io.qwark.jobs.score.Verdict;
import java.util.List;
import org.junit.jupiter.api.Test;

class ReportPartsTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @Test
  void scriptJsonHoldsNoMarkup() throws Exception {
    String json = ScriptJson.of(TextNode.valueOf(RunReportTest.HOSTILE + "ä漢😀"));
    assertTrue(json.chars().noneMatch(c -> c < ' ' || "<>&'".indexOf(c) >= 0), json);
    assertEquals(RunReportTest.HOSTILE + "ä漢😀", JSON.readTree(json).textValue());
  }

  @Test
  void loneSurrogatesAreReplacedAndPairsKept() {
    assertEquals("a\ufffd😀\ufffd", Texts.wellFormed("a\ud83d😀\ude00"));
    assertEquals("\ufffd", Texts.wellFormed("\ud83d"));
  }

  @Test
  void histogramsCountInBinsThatWiden() throws Exception {
    GrowingHistogram histogram = new GrowingHistogram(2, 1);
    histogram.add(0, 0);
    histogram.add(0, 1);
    histogram.add(1, 3.9);
    assertEquals(
        JSON.readTree("{\"width\":1.0,\"counts\":[[1,1,0,0],[0,0,0,1]]}"),
        JSON.readTree(histogram.toJson().toString()));
    // 48 bins of width 1 end at 48; 100 needs width 4: bins [0,4) … [100,104).
    histogram.add(0, 100);
    JsonNode json = histogram.toJson();
    assertEquals(4.0, json.get("width").doubleValue());
    assertEquals(26, json.get("counts").get(0).size());
    assertEquals(2, json.get("counts").get(0).get(0).intValue());
    assertEquals(1, json.get("counts").get(1).get(0).intValue());
    assertEquals(1, json.get("counts").get(0).get(25).intValue());
  }

  @Test
  void histogramsIgnoreWhatIsNoLength() {
    GrowingHistogram histogram = new GrowingHistogram(1, 1);
    histogram.add(0, -1);
    histogram.add(0, Double.NaN);
    histogram.add(0, Double.POSITIVE_INFINITY);
    assertEquals(0, histogram.toJson().get("counts").get(0).size());
  }

  @Test
  void problemsAreSortedHardestFirst() {
    ProblemColumns problems = new ProblemColumns();
    problems.add("easy", Verdict.CORRECT);
    problems.add("easy", Verdict.CORRECT);
    problems.add("half", Verdict.NO_ANSWER);
    problems.add("half", Verdict.CORRECT);
    problems.add("hard", Verdict.INCORRECT);
    problems.add("hard", Verdict.FAILED);
    assertEquals(List.of("hard", "half", "easy"), problems.columns().findValuesAsText("label"));
    assertEquals("[0,1,0,0,1]", problems.columns().get(0).get("counts").toString());
    assertEquals(
        "[{\"label\":\"0 of 2\",\"problems\":1},{\"label\":\"1 of 2\",\"problems\":1},"
            + "{\"label\":\"2 of 2\",\"problems\":1}]",
        problems.accuracies().toString());
  }

  @Test
  void manyProblemsShareColumns() {
    ProblemColumns problems = new ProblemColumns();
    for (int i = 0; i < 1000; i++) {
      problems.add("p" + i, i % 2 == 0 ? Verdict.CORRECT : Verdict.INCORRECT);
    }
    JsonNode columns = problems.columns();
    assertEquals(334, columns.size());
    assertTrue(columns.get(0).get("id").isNull());
    int samples = 0;
    for (JsonNode column : columns) {
      for (JsonNode count : column.get("counts")) {
        samples += count.intValue();
      }
    }
    assertEquals(1000, samples);
  }

  @Test
  void unevenProblemsFallIntoTenths() {
    ProblemColumns problems = new ProblemColumns();
    problems.add("a", Verdict.CORRECT);
    problems.add("b", Verdict.CORRECT);
    problems.add("b", Verdict.INCORRECT);
    JsonNode bars = problems.accuracies();
    assertEquals(11, bars.size());
    assertEquals("50–60%", bars.get(5).get("label").textValue());
    assertEquals(1, bars.get(5).get("problems").intValue());
    assertEquals(1, bars.get(10).get("problems").intValue());
  }

  @Test
  void settingsAreRowsWithPaths() throws Exception {
    JsonNode run =
        JSON.readTree(
            "{\"run_id\":\"r\",\"model\":{\"path\":\"m\",\"a\":{\"b\":null}},\"e\":[{\"x\":1}],"
                + "\"k\":[1,2],\"empty\":{}}");
    List<SettingsTable.Group> groups = SettingsTable.of(run);
    assertEquals(
        List.of("run", "model", "e", "k"),
        groups.stream().map(SettingsTable.Group::title).toList());
    assertEquals(
        List.of(new SettingsTable.Row("path", "m"), new SettingsTable.Row("a.b", "–")),
        groups.get(1).rows());
    assertEquals(List.of(new SettingsTable.Row("0.x", "1")), groups.get(2).rows());
    assertEquals(List.of(new SettingsTable.Row("k", "1, 2")), groups.get(3).rows());
  }

  @Test
  void numbersReadTheSameEverywhere() {
    assertEquals("95.1%", Numbers.percent(0.9512));
    assertEquals("1,234", Numbers.count(1234));
    assertEquals("3.4 s", Numbers.duration(3.4));
    assertEquals("42 s", Numbers.duration(42.4));
    assertEquals("3 min 7 s", Numbers.duration(187.0));
    assertEquals("2 h 5 min", Numbers.duration(7500.0));
    assertEquals("1.23", Numbers.rate(1.234));
    assertEquals("12.3", Numbers.rate(12.34));
    assertEquals("1,234", Numbers.rate(1234.4));
  }
}
