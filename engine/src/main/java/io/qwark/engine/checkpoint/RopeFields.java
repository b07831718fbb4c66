package io.qwark.engine.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The rotary embedding of a {@code config.json}. Transformers 4 writes {@code rope_theta} beside
 * {@code rope_scaling} (null or an object); transformers 5 writes both into {@code
 * rope_parameters}. Keys that are null count as absent.
 */
final class RopeFields {
  private static final double MOST = 1e12;
  private static final int MOST_POSITIONS = 1 << 28;
  private static final String THETA = "rope_theta";
  private static final String ORIGINAL = "original_max_position_embeddings";

  private final Fields fields;

  /** The inner keys, each with the outer one before it for messages. */
  private final Map<String, String> names = new LinkedHashMap<>();

  private final Map<String, JsonNode> values = new LinkedHashMap<>();

  /**
   * @throws io.qwark.engine.api.UserException if a key is given two values
   */
  RopeFields(Fields fields) {
    this.fields = fields;
    for (String key : List.of("rope_parameters", "rope_scaling")) {
      JsonNode rope = fields.get(key);
      if (rope == null) {
        continue;
      }
      if (!rope.isObject()) {
        throw fields.wrong(key, "is not an object", rope);
      }
      for (Map.Entry<String, JsonNode> entry : rope.properties()) {
        if (!entry.getValue().isNull()) {
          put(key + "." + entry.getKey(), entry.getKey(), entry.getValue());
        }
      }
    }
    JsonNode theta = fields.get(THETA);
    if (theta != null) {
      put(THETA, THETA, theta);
    }
    JsonNode original = fields.get(ORIGINAL);
    if (original != null) {
      // As Transformers does, for the kinds that know it.
      values.put(ORIGINAL, original);
      names.put(ORIGINAL, ORIGINAL);
    }
  }

  private void put(String name, String innerKey, JsonNode value) {
    // The older spelling.
    String key = innerKey.equals("type") ? "rope_type" : innerKey;
    JsonNode earlier = values.putIfAbsent(key, value);
    names.putIfAbsent(key, name);
    if (earlier != null && !same(earlier, value)) {
      throw Errors.damaged(
          fields.file(),
          "it gives two values of "
              + Errors.shown(key)
              + ", "
              + Errors.shown(earlier.toString())
              + " and "
              + Errors.shown(value.toString()));
    }
  }

  private static boolean same(JsonNode a, JsonNode b) {
    return a.isNumber() && b.isNumber() ? a.doubleValue() == b.doubleValue() : a.equals(b);
  }

  /** The base; Llama's configs of before it could be chosen do not name it. */
  double theta(Family family) {
    if (!values.containsKey(THETA) && family == Family.LLAMA) {
      return 10_000;
    }
    return number(THETA, 1);
  }

  /**
   * @param maxPositions the model's context
   * @throws io.qwark.engine.api.UserException if the kind is unknown or a value out of its range
   */
  RopeScaling scaling(int maxPositions) {
    JsonNode partial = values.get("partial_rotary_factor");
    if (partial != null && partial.asDouble() != 1) {
      throw unsupported("partial_rotary_factor");
    }
    JsonNode type = values.get("rope_type");
    switch (type == null ? "default" : type.asText()) {
      case "default":
        allow(Set.of());
        return RopeScaling.NONE;
      case "linear":
        allow(Set.of("factor"));
        return new RopeScaling.Linear(factor());
      case "llama3":
        return llama3(maxPositions);
      case "yarn":
        return yarn(maxPositions);
      default:
        throw unsupported("rope_type");
    }
  }

  private RopeScaling llama3(int maxPositions) {
    allow(Set.of("factor", "low_freq_factor", "high_freq_factor", ORIGINAL));
    double low = number("low_freq_factor", Double.MIN_VALUE);
    double high = number("high_freq_factor", Double.MIN_VALUE);
    if (high <= low) {
      throw Errors.damaged(
          fields.file(), "its high_freq_factor " + high + " is not above low_freq_factor " + low);
    }
    return new RopeScaling.Llama3(factor(), low, high, original(maxPositions));
  }

  private RopeScaling yarn(int maxPositions) {
    allow(
        Set.of(
            "factor",
            ORIGINAL,
            "attention_factor",
            "beta_fast",
            "beta_slow",
            "mscale",
            "mscale_all_dim",
            "truncate"));
    if (number(THETA, 1, 10_000) == 1) {
      throw Errors.damaged(fields.file(), "its rope_theta is 1, which YaRN cannot scale");
    }
    int original = original(maxPositions);
    double factor =
        values.containsKey("factor") || !values.containsKey(ORIGINAL)
            ? factor()
            : (double) maxPositions / original;
    double mscale = number("mscale", 0, 0);
    double mscaleAllDim = number("mscale_all_dim", 0, 0);
    double attention = RopeScaling.Yarn.magnitude(factor, 1);
    if (mscale != 0 && mscaleAllDim != 0) {
      attention =
          RopeScaling.Yarn.magnitude(factor, mscale)
              / RopeScaling.Yarn.magnitude(factor, mscaleAllDim);
    }
    JsonNode truncate = values.get("truncate");
    if (truncate != null && !truncate.isBoolean()) {
      throw fields.wrong(names.get("truncate"), "is neither true nor false", truncate);
    }
    return new RopeScaling.Yarn(
        factor,
        original,
        or(number("beta_fast", 0, 32), 32),
        or(number("beta_slow", 0, 1), 1),
        number("attention_factor", 0, attention),
        truncate == null || truncate.booleanValue());
  }

  /** Transformers takes 0 for absent. */
  private static double or(double value, double otherwise) {
    return value == 0 ? otherwise : value;
  }

  private double factor() {
    return number("factor", Double.MIN_VALUE);
  }

  private int original(int maxPositions) {
    JsonNode value = values.get(ORIGINAL);
    if (value == null) {
      return maxPositions;
    }
    double number = number(ORIGINAL, 1);
    if (number > MOST_POSITIONS || number != Math.rint(number)) {
      throw fields.wrong(names.get(ORIGINAL), "is not a whole number in range", value);
    }
    return (int) number;
  }

  private double number(String key, double least) {
    JsonNode value = values.get(key);
    if (value == null) {
      throw Errors.damaged(fields.file(), "`" + key + "` is missing");
    }
    return fields.number(names.get(key), value, least, MOST);
  }

  private double number(String key, double least, double otherwise) {
    return values.containsKey(key) ? number(key, least) : otherwise;
  }

  /** Refuses what this kind does not know, rather than to leave it unheeded. */
  private void allow(Set<String> keys) {
    for (String key : values.keySet()) {
      boolean common =
          Set.of("rope_type", THETA, "partial_rotary_factor").contains(key)
              // Beside the rope's own keys it may serve others.
              || (key.equals(ORIGINAL) && names.get(key).equals(ORIGINAL));
      if (!common && !keys.contains(key)) {
        throw unsupported(key);
      }
    }
  }

  private RuntimeException unsupported(String key) {
    return Errors.unsupported(
        fields.file(),
        "its " + Errors.shown(names.get(key)) + " is " + Errors.shown(values.get(key).toString()));
  }
}
