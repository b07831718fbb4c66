package io.qwark.engine.api;

import java.util.Arrays;
import java.util.stream.Collectors;

/** A choice with the name that configurations and records give it. */
public interface WireName {
  String wireName();

  /**
   * @param verb what cannot be done with an unknown name, such as "quantize to"
   * @param noun what the choice is, such as "a quantization"
   * @throws UserException if there is no such choice; lists them all
   */
  static <T extends WireName> T find(T[] values, String name, String verb, String noun) {
    return Arrays.stream(values)
        .filter(v -> v.wireName().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new UserException(
                    "Cannot " + verb + " `" + name + "`",
                    "it is not " + noun + " this engine has",
                    "Choose one of "
                        + Arrays.stream(values)
                            .map(WireName::wireName)
                            .collect(Collectors.joining(", "))));
  }
}
