package io.qwark.engine.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * A list of layers as compressed-tensors writes it: names, {@code re:} and a pattern that a name
 * begins with, or classes ({@code Linear}, {@code Embedding}).
 */
final class CompressedTargets {
  private static final String PATTERN = "re:";

  private final Set<String> names = new HashSet<>();
  private final List<Pattern> patterns = new ArrayList<>();
  private final NamePatterns matcher;

  /**
   * @param list a list of strings, or null for none
   */
  CompressedTargets(Fields fields, String key, NamePatterns matcher) {
    this.matcher = matcher;
    JsonNode list = fields.get(key);
    if (list != null && !list.isArray()) {
      throw fields.wrong(key, "is not a list", list);
    }
    for (JsonNode target : list == null ? List.<JsonNode>of() : list) {
      if (!target.isTextual()) {
        throw fields.wrong(key, "holds what is not a string", target);
      }
      String text = target.textValue();
      if (text.startsWith(PATTERN)) {
        patterns.add(matcher.compile(text.substring(PATTERN.length())));
      } else {
        names.add(text);
      }
    }
  }

  boolean names(String module) {
    return names.contains(module);
  }

  boolean describes(String module) {
    return patterns.stream().anyMatch(pattern -> matcher.begins(pattern, module));
  }

  /** Whether the module's class is listed. */
  boolean classifies(String module) {
    return names.contains(module.endsWith("embed_tokens") ? "Embedding" : "Linear");
  }
}
