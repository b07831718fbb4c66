package io.qwark.engine.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.HashSet;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * The modules that an adapter says it changes: names or ends of names, a regular expression, or all
 * linear layers but the last.
 */
final class LoraTargets {
  private static final String ALL = "all-linear";

  private final Set<String> names;
  private final Pattern pattern;
  private final NamePatterns matcher;
  private final boolean restricted;

  private LoraTargets(
      Set<String> names, Pattern pattern, NamePatterns matcher, boolean restricted) {
    this.names = names;
    this.pattern = pattern;
    this.matcher = matcher;
    this.restricted = restricted;
  }

  static LoraTargets of(Fields fields, NamePatterns matcher) {
    boolean restricted =
        fields.get("layers_to_transform") != null || fields.get("exclude_modules") != null;
    JsonNode targets = fields.require("target_modules");
    if (targets.isTextual()) {
      String text = targets.textValue();
      Pattern pattern = text.equals(ALL) ? null : matcher.compile(text);
      return new LoraTargets(Set.of(), pattern, matcher, restricted);
    }
    Set<String> names = new HashSet<>();
    for (JsonNode name : targets) {
      if (!targets.isArray() || !name.isTextual()) {
        throw fields.wrong("target_modules", "is not a list of names", targets);
      }
      names.add(name.textValue());
    }
    if (names.isEmpty()) {
      throw fields.wrong("target_modules", "names no module", targets);
    }
    return new LoraTargets(names, null, matcher, restricted);
  }

  boolean has(String module) {
    if (pattern != null) {
      return matcher.matches(pattern, module);
    }
    if (names.isEmpty()) {
      return !module.equals("lm_head") && !module.endsWith("embed_tokens");
    }
    for (int dot = module.indexOf('.'), start = 0; ; dot = module.indexOf('.', start)) {
      if (names.contains(module.substring(start))) {
        return true;
      }
      if (dot < 0) {
        return false;
      }
      start = dot + 1;
    }
  }

  /** Whether every module that {@link #has} names must have its tensors. */
  boolean isComplete() {
    return !restricted;
  }
}
