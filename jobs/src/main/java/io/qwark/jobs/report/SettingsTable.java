package io.qwark.jobs.report;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** run.json as tables: one group for each object on its top level, one row for each value. */
final class SettingsTable {
  private static final int MAX_ROWS = 400;
  private static final int MAX_CHARS = 600;

  /** A value and its path within the group, such as {@code sampling.top_p}. */
  record Row(String key, String value) {}

  record Group(String title, List<Row> rows) {}

  private final Map<String, List<Row>> groups = new LinkedHashMap<>();
  private int rows;

  private SettingsTable() {}

  static List<Group> of(JsonNode run) {
    SettingsTable table = new SettingsTable();
    table.groups.put("run", new ArrayList<>());
    run.fields()
        .forEachRemaining(
            entry ->
                table.add(
                    entry.getValue().isContainerNode() ? entry.getKey() : "run",
                    entry.getValue().isContainerNode() ? "" : entry.getKey(),
                    entry.getValue()));
    return table.groups.entrySet().stream()
        .filter(entry -> !entry.getValue().isEmpty())
        .map(entry -> new Group(entry.getKey().replace('_', ' '), entry.getValue()))
        .toList();
  }

  private void add(String group, String key, JsonNode value) {
    if (value.isObject()) {
      value.fields().forEachRemaining(e -> add(group, joined(key, e.getKey()), e.getValue()));
    } else if (value.isArray() && value.size() > 0 && value.get(0).isContainerNode()) {
      for (int i = 0; i < value.size(); i++) {
        add(group, joined(key, Integer.toString(i)), value.get(i));
      }
    } else if (rows++ < MAX_ROWS) {
      groups
          .computeIfAbsent(group, title -> new ArrayList<>())
          .add(new Row(key.isEmpty() ? group : key, Texts.clipped(text(value), MAX_CHARS)));
    }
  }

  private static String joined(String path, String key) {
    return path.isEmpty() ? key : path + "." + key;
  }

  private static String text(JsonNode value) {
    if (value.isArray()) {
      List<String> items = new ArrayList<>();
      value.forEach(item -> items.add(text(item)));
      return String.join(", ", items);
    }
    return value.isNull() ? "–" : value.asText();
  }
}
