package io.qwark.jobs.config;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A value of a configuration file together with where it was written.
 *
 * @param value a {@code Map<String, Node>}, {@code List<Node>}, String, Long, Double, Boolean or
 *     null
 * @param text how a scalar was written
 */
record Node(Object value, String text, Origin origin) {

  static Node emptyMapping(Origin origin) {
    return new Node(Map.of(), null, origin);
  }

  @SuppressWarnings("unchecked")
  Map<String, Node> mapping() {
    return (Map<String, Node>) value;
  }

  @SuppressWarnings("unchecked")
  List<Node> sequence() {
    return (List<Node>) value;
  }

  boolean isMapping() {
    return value instanceof Map;
  }

  boolean isSequence() {
    return value instanceof List;
  }

  /** This mapping with another value at a path of keys; mappings on the way are made. */
  Node with(List<String> path, Node replacement) {
    if (path.isEmpty()) {
      return replacement;
    }
    if (value != null && !isMapping()) {
      throw origin.error(
          describe() + " stands where other keys are set below it", "Give a mapping");
    }
    Map<String, Node> entries = new LinkedHashMap<>(value == null ? Map.of() : mapping());
    String key = path.get(0);
    Node below = entries.getOrDefault(key, emptyMapping(replacement.origin()));
    entries.put(key, below.with(path.subList(1, path.size()), replacement));
    return new Node(Collections.unmodifiableMap(entries), null, origin);
  }

  /** What it is, for a message. */
  String describe() {
    if (value == null) {
      return "nothing";
    }
    if (isMapping()) {
      return "a mapping";
    }
    if (isSequence()) {
      return "a list";
    }
    String kind =
        value instanceof Boolean ? "" : value instanceof String ? "the text " : "the number ";
    return kind + "`" + text + "`";
  }
}
