package io.qwark.engine.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Map;

/**
 * The rotary embedding's base. Transformers 4 writes {@code rope_theta} beside {@code rope_scaling:
 * null}; transformers 5 writes {@code rope_parameters: {"rope_type": "default", "rope_theta": …}}.
 */
final class RopeFields {
  private static final double MOST = 1e12;

  private RopeFields() {}

  static double theta(Fields fields) {
    Double theta = null;
    if (fields.get("rope_theta") != null) {
      theta = fields.number("rope_theta", 1, MOST);
    }
    for (String key : List.of("rope_parameters", "rope_scaling")) {
      JsonNode rope = fields.get(key);
      if (rope == null) {
        continue;
      }
      if (!rope.isObject()) {
        throw fields.wrong(key, "is not an object", rope);
      }
      Double inner = thetaOf(fields, key, rope);
      if (theta != null && inner != null && !theta.equals(inner)) {
        throw Errors.damaged(
            fields.file(), "it gives two values of rope_theta, " + theta + " and " + inner);
      }
      theta = inner == null ? theta : inner;
    }
    if (theta == null) {
      throw Errors.damaged(fields.file(), "`rope_theta` is missing");
    }
    return theta;
  }

  /** Checks that the rotation is the plain one; returns its base, or null if not given here. */
  private static Double thetaOf(Fields fields, String key, JsonNode rope) {
    Double theta = null;
    for (Map.Entry<String, JsonNode> entry : rope.properties()) {
      JsonNode value = entry.getValue();
      String name = key + "." + entry.getKey();
      switch (entry.getKey()) {
        case "rope_theta" -> theta = value.isNull() ? null : fields.number(name, value, 1, MOST);
        case "rope_type", "type" -> {
          if (!value.isNull() && !value.asText().equals("default")) {
            throw unsupported(fields, name, value);
          }
        }
        case "partial_rotary_factor" -> {
          if (!value.isNull() && value.asDouble() != 1) {
            throw unsupported(fields, name, value);
          }
        }
        default -> {
          if (!value.isNull()) {
            throw unsupported(fields, name, value);
          }
        }
      }
    }
    return theta;
  }

  private static RuntimeException unsupported(Fields fields, String name, JsonNode value) {
    return Errors.unsupported(
        fields.file(), "its " + Errors.shown(name) + " is " + Errors.shown(value.toString()));
  }
}
