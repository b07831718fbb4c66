package io.qwark.bench.gpu;

import com.fasterxml.jackson.databind.JsonNode;
import io.qwark.bench.TextTable;

/** The correctness suite's lines; those that failed or were refused, with the reason. */
record CorrectnessTable(JsonNode answer) {
  @Override
  public String toString() {
    if (answer == null) {
      return "Correctness: nothing is known.\n";
    }
    TextTable table =
        new TextTable("model", "way", "outcome", "tokens", "same", "mean KL", "logprob off");
    StringBuilder notes = new StringBuilder();
    for (JsonNode verdict : answer.path("verdicts")) {
      JsonNode closeness = verdict.path("closeness");
      String model = verdict.path("model").asText();
      String way = verdict.path("way").asText();
      String outcome = verdict.path("outcome").asText();
      table.row(
          model,
          way,
          outcome,
          number(closeness.path("positions"), "%.0f", 1),
          number(closeness.path("agreement"), "%.1f %%", 100),
          number(closeness.path("divergence"), "%.1e", 1),
          number(closeness.path("logprob"), "%.1e", 1));
      if (verdict.has("note")) {
        notes.append(model).append(", ").append(way).append(": ");
        notes.append(verdict.get("note").asText()).append('\n');
      }
    }
    return table.toString() + notes;
  }

  private static String number(JsonNode value, String format, double factor) {
    return value.isMissingNode() || value.isNull()
        ? ""
        : format.formatted(factor * value.asDouble());
  }
}
