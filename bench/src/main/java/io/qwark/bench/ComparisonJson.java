package io.qwark.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.File;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** All figures of a comparison as JSON, by shape and row. */
final class ComparisonJson {
  private final Map<String, Object> root = new LinkedHashMap<>();

  /**
   * @param facts what holds for the whole run: machine, versions, settings
   * @param roofline null if it was not measured
   */
  ComparisonJson(Map<String, Object> facts, List<ShapeResult> results, Roofline roofline) {
    root.putAll(facts);
    Map<String, Object> targets = new LinkedHashMap<>();
    for (Row row : Row.values()) {
      targets.put(row.key, row.target);
    }
    root.put("targets", targets);
    root.put("ratios", byRow(results, (shape, row) -> row.ratio().orElse(null)));
    root.put(
        "met",
        byRow(results, (shape, row) -> row.ratio().map(r -> r >= row.row().target).orElse(null)));
    root.put("tokens_per_second", byRow(results, (shape, row) -> rates(row)));
    root.put("roofline", roofline);
    root.put(
        "roofline_share",
        byRow(
            results,
            (shape, row) -> row.rooflineShare(shape.shape(), shape.held(), roofline).orElse(null)));
    root.put("prefix", byShape(results, ShapeResult::prefix));
    root.put("loads", byShape(results, ShapeResult::loads));
    root.put("memory_mib", byRow(results, (shape, row) -> row.memory()));
    root.put("processes", byRow(results, (shape, row) -> row.ready()));
    root.put("measured", byRow(results, (shape, row) -> row.measured()));
  }

  /** A figure of a row. */
  private interface Figure {
    Object of(ShapeResult shape, RowResult row);
  }

  private static Map<String, Object> byRow(List<ShapeResult> results, Figure figure) {
    return byShape(
        results,
        result -> {
          Map<String, Object> rows = new LinkedHashMap<>();
          result.rows().forEach(row -> rows.put(row.row().key, figure.of(result, row)));
          return rows;
        });
  }

  private static Map<String, Object> byShape(
      List<ShapeResult> results, Function<ShapeResult, Object> figure) {
    Map<String, Object> shapes = new LinkedHashMap<>();
    results.forEach(result -> shapes.put(result.shape().wireName, figure.apply(result)));
    return shapes;
  }

  /** Medians. */
  private static Map<String, Double> rates(RowResult row) {
    Map<String, Double> rates = new LinkedHashMap<>();
    row.rates().forEach((side, rate) -> rates.put(side, rate.median()));
    return rates;
  }

  Map<String, Object> root() {
    return root;
  }

  void write(File file) throws IOException {
    new ObjectMapper().writerWithDefaultPrettyPrinter().writeValue(file, root);
  }
}
