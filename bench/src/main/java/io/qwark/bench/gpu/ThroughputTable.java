package io.qwark.bench.gpu;

import com.fasterxml.jackson.databind.JsonNode;
import io.qwark.bench.TextTable;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/** Output tokens a second of each quantization and of Transformers, and what they are a part of. */
record ThroughputTable(CheckPlan plan, Map<String, JsonNode> answers) {
  private static final String NONE = "-";

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder(device());
    List<String> heads = new ArrayList<>();
    heads.add("in/out x samples");
    heads.addAll(plan.quantizations());
    heads.add("Transformers");
    heads.add("ratio");
    TextTable table = new TextTable(heads.toArray(new String[0]));
    TreeSet<String> shortened = new TreeSet<>();
    for (Load load : plan.loads()) {
      List<String> row = new ArrayList<>();
      row.add(load.name());
      for (String quantization : plan.quantizations()) {
        row.add(cell(load, quantization, shortened));
      }
      row.add(cell(load, CheckPlan.PEER, shortened));
      row.add(ratio(load));
      table.row(row.toArray(new String[0]));
    }
    text.append(table);
    text.append(
            "Output tokens a second, prompts included in the time, and how much of the least time that"
                + " copying and products would take here. ratio: ours in ")
        .append(plan.quantizations().get(0))
        .append(" to Transformers'.\n");
    if (!shortened.isEmpty()) {
      text.append("* cut short to keep to the time, at output tokens a sample of: ");
      text.append(String.join("; ", shortened)).append('\n');
    }
    return text.toString();
  }

  private String device() {
    JsonNode about = answers.get("about");
    JsonNode rates = answers.get("rates");
    String device =
        about == null
            ? plan.device()
            : "%s, PyTorch %s, Transformers %s"
                .formatted(
                    about.path("name").asText(),
                    about.path("torch").asText(),
                    about.path("transformers").asText());
    if (rates == null) {
      return device + "; its rates are not known\n";
    }
    return "%s: copies %s GB/s, products of bfloat16 %s, fp8 %s, int8 %s TOP/s%n"
        .formatted(
            device,
            rate(rates.path("copy_bytes_per_s"), 1e9),
            rate(rates.path("bfloat16_op_per_s"), 1e12),
            rate(rates.path("fp8_op_per_s"), 1e12),
            rate(rates.path("int8_op_per_s"), 1e12));
  }

  private static String rate(JsonNode value, double unit) {
    return value.isNumber() ? "%,.1f".formatted(value.asDouble() / unit) : NONE;
  }

  private JsonNode result(Load load, String side) {
    JsonNode answer = answers.get(side);
    if (answer != null) {
      for (JsonNode result : answer.path("results")) {
        if (result.path("name").asText().equals(load.name())) {
          return result;
        }
      }
    }
    return null;
  }

  private static double tokensPerS(JsonNode result) {
    return result.get("tokens").asDouble() / result.get("seconds").asDouble();
  }

  private String cell(Load load, String side, TreeSet<String> shortened) {
    JsonNode result = result(load, side);
    if (result == null) {
      return NONE;
    }
    double output = result.get("output").asDouble();
    boolean cut = output < load.output();
    if (cut) {
      shortened.add("%s, %s %.0f".formatted(load.name(), side, output));
    }
    String share = side.equals(CheckPlan.PEER) ? "" : share(load, side, result);
    return "%,.0f%s%s".formatted(tokensPerS(result), cut ? "*" : "", share);
  }

  private String share(Load load, String quantization, JsonNode result) {
    JsonNode rates = answers.get("rates");
    if (rates == null) {
      return "";
    }
    JsonNode bytes = rates.path("copy_bytes_per_s");
    JsonNode operations = rates.path(operations(quantization));
    if (!bytes.isNumber() || !operations.isNumber()) {
      return "";
    }
    Floor floor =
        Floor.of(
            plan.shape(),
            load,
            result.get("at_once").asInt(),
            result.get("tokens").asLong(),
            weightBytes(quantization),
            bytes.asDouble(),
            operations.asDouble());
    return " %.0f %%".formatted(100 * floor.seconds() / result.get("seconds").asDouble());
  }

  private static String operations(String quantization) {
    return switch (quantization) {
      case "fp8", "int8" -> quantization + "_op_per_s";
      default -> "bfloat16_op_per_s";
    };
  }

  /** Of one weight of a linear layer; int4 has a scale and a middle of two bytes for each 32. */
  private static double weightBytes(String quantization) {
    return switch (quantization) {
      case "float32" -> 4;
      case "bfloat16" -> 2;
      case "int4" -> 20 / 32.0;
      default -> 1;
    };
  }

  private String ratio(Load load) {
    JsonNode ours = result(load, plan.quantizations().get(0));
    JsonNode theirs = result(load, CheckPlan.PEER);
    return ours == null || theirs == null
        ? NONE
        : "%.1f".formatted(tokensPerS(ours) / tokensPerS(theirs));
  }
}
