package io.qwark.bench;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What each side did in one row. */
final class RowResult {
  /**
   * One repetition of one side.
   *
   * @param tokensPerSecond if it was stopped, at the most
   * @param firstToken that followed the first prompt
   * @param settings which were fastest for that side, where it has a choice
   */
  record Measured(
      String side,
      double seconds,
      @JsonProperty("tokens_per_second") double tokensPerSecond,
      boolean stopped,
      @JsonProperty("first_token") int firstToken,
      Map<String, String> settings) {

    static Measured of(String side, Job job, Answer answer) {
      Map<String, String> settings = new LinkedHashMap<>(answer.values());
      settings.keySet().retainAll(List.of("flash_attention", "kv_cache"));
      double seconds = answer.number("seconds");
      return new Measured(
          side,
          seconds,
          job.countedTokens() / seconds,
          Boolean.parseBoolean(answer.values().get("stopped")),
          (int) answer.number("first"),
          settings);
    }
  }

  private final Row row;
  private final List<Measured> measured = new ArrayList<>();
  private final Map<String, ProcessMemory> memory = new LinkedHashMap<>();
  private final Map<String, Map<String, String>> ready = new LinkedHashMap<>();

  RowResult(Row row) {
    this.row = row;
  }

  void add(Measured one) {
    measured.add(one);
  }

  /** Called at the end of a side's work in this row. */
  void addProcess(String side, Answer itsReady, ProcessMemory itsMemory) {
    ready.put(side, itsReady.values());
    memory.put(side, itsMemory);
  }

  Row row() {
    return row;
  }

  List<Measured> measured() {
    return measured;
  }

  /** By side, at the end of its work in this row. */
  Map<String, ProcessMemory> memory() {
    return memory;
  }

  /** What the processes said when they were ready, by side. */
  Map<String, Map<String, String>> ready() {
    return ready;
  }

  /** Tokens a second by side; ours first. */
  Map<String, Rate> rates() {
    Map<String, List<Double>> bySide = new LinkedHashMap<>();
    for (Measured one : measured) {
      bySide.computeIfAbsent(one.side(), s -> new ArrayList<>()).add(one.tokensPerSecond());
    }
    Map<String, Rate> rates = new LinkedHashMap<>();
    bySide.forEach(
        (side, values) ->
            rates.put(side, new Rate(row.title, row.job().requests().size(), values)));
    return rates;
  }

  /** Whether this side was stopped, since another had been faster. */
  boolean stopped(String side) {
    return measured.stream().anyMatch(m -> m.side().equals(side) && m.stopped());
  }

  /** Our tokens a second over those of the fastest other side; empty without another side. */
  Optional<Double> ratio() {
    Map<String, Rate> rates = rates();
    return rates.entrySet().stream()
        .filter(e -> !e.getKey().equals(Side.OURS))
        .map(e -> e.getValue().median())
        .max(Comparator.naturalOrder())
        .map(best -> rates.get(Side.OURS).median() / best);
  }

  /**
   * The token after the first prompt, by side. Both compute the same model, so that it mostly is
   * the same one; weights of 4 bits are too coarse to insist.
   */
  Map<String, Integer> firstTokens() {
    Map<String, Integer> tokens = new LinkedHashMap<>();
    measured.forEach(m -> tokens.put(m.side(), m.firstToken()));
    return tokens;
  }

  /** The share of the machine's limit that our side reached; empty where that is unknown. */
  Optional<Double> rooflineShare(Shape shape, HeldAs held, Roofline roofline) {
    if (roofline == null) {
      return Optional.empty();
    }
    Double least = roofline.leastSeconds(Work.of(shape, row.job(), held));
    double ours = row.job().countedTokens() / rates().get(Side.OURS).median();
    return Optional.ofNullable(least).map(seconds -> seconds / ours);
  }
}
