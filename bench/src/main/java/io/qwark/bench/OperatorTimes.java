package io.qwark.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Time spent in each operator itself, not in those that it calls, from a trace of libtorch's. */
final class OperatorTimes {
  private static final int SHOWN = 18;

  /** An operator's time in microseconds over all calls. */
  private static final class Total {
    private double micros;
    private int calls;
  }

  /** A call in a trace. */
  private record Call(String name, double start, double end, String thread) {}

  private final Map<String, Total> totals = new HashMap<>();
  private final int steps;

  private OperatorTimes(int steps) {
    this.steps = steps;
  }

  /**
   * @param trace in Chrome's format: complete events with {@code ts} and {@code dur} in
   *     microseconds
   * @param steps that it covers
   */
  static OperatorTimes read(Path trace, int steps) throws IOException {
    JsonNode root = new ObjectMapper().readTree(trace.toFile());
    JsonNode events = root.isArray() ? root : root.path("traceEvents");
    List<Call> calls = new ArrayList<>();
    for (JsonNode event : events) {
      if (event.path("ph").asText().equals("X")) {
        double start = event.get("ts").asDouble();
        calls.add(
            new Call(
                event.get("name").asText(),
                start,
                start + event.get("dur").asDouble(),
                event.path("tid").asText()));
      }
    }
    calls.sort(Comparator.comparingDouble(Call::start).thenComparing(c -> -c.end()));
    OperatorTimes times = new OperatorTimes(steps);
    Map<String, Deque<Call>> open = new HashMap<>();
    for (Call call : calls) {
      times.add(call, open.computeIfAbsent(call.thread(), t -> new ArrayDeque<>()));
    }
    return times;
  }

  private void add(Call call, Deque<Call> open) {
    while (!open.isEmpty() && open.peek().end() <= call.start()) {
      open.pop();
    }
    double duration = call.end() - call.start();
    if (!open.isEmpty()) {
      totals.get(open.peek().name()).micros -= duration;
    }
    Total total = totals.computeIfAbsent(call.name(), n -> new Total());
    total.micros += duration;
    total.calls++;
    open.push(call);
  }

  /** Milliseconds a step. */
  double total() {
    return totals.values().stream().mapToDouble(t -> t.micros).sum() / 1000 / steps;
  }

  TextTable table() {
    TextTable table = new TextTable("operator", "ms a step", "share", "calls a step");
    double all = total();
    totals.entrySet().stream()
        .sorted(Comparator.comparingDouble(e -> -e.getValue().micros))
        .limit(SHOWN)
        .forEach(
            e -> {
              double millis = e.getValue().micros / 1000 / steps;
              table.row(
                  e.getKey(),
                  "%.2f".formatted(millis),
                  "%.1f %%".formatted(100 * millis / all),
                  "%.1f".formatted((double) e.getValue().calls / steps));
            });
    return table;
  }
}
