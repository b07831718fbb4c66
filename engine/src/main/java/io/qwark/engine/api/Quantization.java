package io.qwark.engine.api;

import java.util.Arrays;
import java.util.stream.Collectors;

/** How a replica holds its linear weights and multiplies with them. */
public enum Quantization {
  /** Weights and activations in float32. */
  FLOAT32("float32"),
  /** 8-bit weights, one scale a channel; 8-bit activations, one scale a token (W8A8). */
  INT8("int8");

  private final String wireName;

  Quantization(String wireName) {
    this.wireName = wireName;
  }

  public String wireName() {
    return wireName;
  }

  /**
   * @throws UserException if the name is unknown
   */
  public static Quantization of(String name) {
    return Arrays.stream(values())
        .filter(q -> q.wireName.equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new UserException(
                    "Cannot quantize to `" + name + "`",
                    "it is not a quantization this engine has",
                    "Choose one of "
                        + Arrays.stream(values())
                            .map(Quantization::wireName)
                            .collect(Collectors.joining(", "))));
  }
}
