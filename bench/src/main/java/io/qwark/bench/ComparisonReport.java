package io.qwark.bench;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;

/** A shape's figures as text. */
final class ComparisonReport {
  /** Seconds in which the 4B shape is to load, the first time and again. */
  private static final double LOAD_FIRST = 30;

  private static final double LOAD_AGAIN = 5;

  private final ShapeResult result;
  private final List<String> sides;
  private final Roofline roofline;

  /**
   * @param sides keys, ours first
   * @param roofline null if it was not measured
   */
  ComparisonReport(ShapeResult result, List<String> sides, Roofline roofline) {
    this.result = result;
    this.sides = sides;
    this.roofline = roofline;
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    text.append("%nShape %s, tokens/s%n".formatted(result.shape().wireName)).append(table());
    if (result.prefix() != null) {
      text.append(prefix(result.prefix()));
    }
    text.append(loads(result.loads()));
    result.rows().forEach(row -> text.append(memory(row)));
    result.rows().stream()
        .filter(row -> new HashSet<>(row.firstTokens().values()).size() > 1)
        .forEach(
            row ->
                text.append(
                    "%s: the first prompt is followed by different tokens, %s%n"
                        .formatted(row.row().title, row.firstTokens())));
    return text.toString();
  }

  private TextTable table() {
    List<String> heads = new ArrayList<>(List.of(""));
    sides.forEach(
        side ->
            heads.add(
                side.equals(Side.OURS)
                    ? side + " " + result.held().weights()
                    : "llama.cpp " + side));
    heads.addAll(List.of("ratio", "target", "", "of the roofline"));
    TextTable table = new TextTable(heads.toArray(String[]::new));
    for (RowResult row : result.rows()) {
      List<String> cells = new ArrayList<>(List.of(row.row().title));
      Map<String, Rate> rates = row.rates();
      sides.forEach(s -> cells.add((row.stopped(s) ? "< " : "") + number(rates.get(s).median())));
      cells.add(row.ratio().map("%.2f"::formatted).orElse("-"));
      cells.add("%.1f".formatted(row.row().target));
      cells.add(row.ratio().map(r -> verdict(r >= row.row().target)).orElse("-"));
      cells.add(
          row.rooflineShare(result.shape(), result.held(), roofline)
              .map(share -> "%.0f %%".formatted(100 * share))
              .orElse("-"));
      table.row(cells.toArray(String[]::new));
    }
    return table;
  }

  private static String prefix(PrefixResult prefix) {
    return ("64 prompts with a common beginning: %.2f s, %.2f times as long as that beginning and"
            + " the 64 ends (%.2f s); target %.1f, %s%n")
        .formatted(
            PrefixResult.median(prefix.shared()),
            prefix.ratio(),
            PrefixResult.median(prefix.apart()),
            Row.PREFIX.target,
            verdict(prefix.ratio() <= Row.PREFIX.target));
  }

  private String loads(Loads loads) {
    String verdict =
        result.shape() != Shape.QWEN3_4B
            ? ""
            : "; targets %.0f and %.0f s, %s and %s"
                .formatted(
                    LOAD_FIRST,
                    LOAD_AGAIN,
                    verdict(loads.first() <= LOAD_FIRST),
                    verdict(loads.again() <= LOAD_AGAIN));
    return ("loading: %.1f s the first time, %.1f s again%s; then %,d MiB of memory its own and %,d"
            + " MiB of mapped files%n")
        .formatted(
            loads.first(),
            loads.again(),
            verdict,
            loads.memory().anonymous(),
            loads.memory().mapped());
  }

  private String memory(RowResult row) {
    ProcessMemory memory = row.memory().get(Side.OURS);
    long allowed = result.allowedMemory(row.ready().get(Side.OURS));
    // Where samples are to decode together, all their prompts are one step: no one's usual limits.
    String target =
        row.row().job().kind() == Job.Kind.DECODE
            ? "with all prompts in one step"
            : "target %,d, %s".formatted(allowed, verdict(memory.peak() <= allowed));
    return "memory after %s: %,d MiB its own and %,d MiB of mapped files; most %,d MiB, %s%n"
        .formatted(row.row().title, memory.anonymous(), memory.mapped(), memory.peak(), target);
  }

  private static String verdict(boolean met) {
    return met ? "met" : "missed";
  }

  private static String number(double rate) {
    return rate < 100 ? "%.1f".formatted(rate) : "%,.0f".formatted(rate);
  }
}
