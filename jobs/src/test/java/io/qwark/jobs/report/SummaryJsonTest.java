package io.qwark.jobs.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.qwark.jobs.metrics.Metrics;
import io.qwark.jobs.metrics.SampleScore;
import java.util.List;
import org.junit.jupiter.api.Test;

class SummaryJsonTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @Test
  void hasEveryKeyInOrder() throws Exception {
    String expected =
        """
        {"format_version":1,"complete":false,
        "warnings":["1 of 6 samples failed; they count as not correct."],
        "problems":3,"samples":6,"samples_per_problem":{"min":2,"max":2},
        "scores":{
        "avg@2":{"value":0.5,"standard_error":0.2886751345948129,"omitted":null},
        "pass@1":{"value":0.5,"standard_error":0.2886751345948129,"omitted":null},
        "pass@2":{"value":0.6666666666666666,"standard_error":0.33333333333333337,"omitted":null},
        "pass@4":{"value":null,"standard_error":null,
        "omitted":"It needs 4 samples of every problem; one has 2."},
        "maj@2":{"value":0.6666666666666666,"standard_error":0.33333333333333337,"omitted":null}},
        "verdicts":{"correct":3,"incorrect":1,"no_answer":1,"unscored":0,"failed":1},
        "errors":{"PROMPT_TOO_LONG":1},"finish_reasons":{"stop":5},
        "tokens":{"prompt":500,"completion":5000,"completion_length":
        {"mean":1000.0,"min":1000,"p50":1000,"p90":1000,"p99":1000,"max":1000}},
        "time":{"wall_seconds":2.0,"completion_tokens_per_second":2500.0,
        "samples_per_second":3.0}}
        """;
    JsonNode actual = SummaryJson.of(TerminalSummaryTest.summary());
    // Text, not trees: the order of keys matters too.
    assertEquals(JSON.readTree(expected).toPrettyString(), actual.toPrettyString());
  }

  @Test
  void anEmptyRunHasNullsAndNoZeroScores() {
    JsonNode json =
        SummaryJson.of(Metrics.summarize(List.<SampleScore>of().iterator(), List.of(1), null));
    assertTrue(json.at("/scores/avg@0/value").isNull());
    assertTrue(json.at("/scores/pass@1/value").isNull());
    assertTrue(json.at("/tokens/completion_length").isNull());
    assertTrue(json.at("/time/wall_seconds").isNull());
  }
}
