package io.qwark.bench;

import java.util.Arrays;
import java.util.stream.Collectors;

/**
 * A prompt and how many tokens are to follow it, never fewer.
 *
 * @param prompt token ids, at least one
 * @param output at least 1
 */
record TimedRequest(int[] prompt, int output) {
  TimedRequest {
    if (prompt.length == 0 || output < 1) {
      throw new IllegalArgumentException(prompt.length + " tokens in, " + output + " out");
    }
  }

  int length() {
    return prompt.length + output;
  }

  /** As a word of a {@link Job}'s line: {@code OUTPUT:TOKEN,TOKEN,...}. */
  String word() {
    return output
        + ":"
        + Arrays.stream(prompt).mapToObj(Integer::toString).collect(Collectors.joining(","));
  }

  static TimedRequest parse(String word) {
    String[] parts = word.split(":", 2);
    int[] prompt = Arrays.stream(parts[1].split(",")).mapToInt(Integer::parseInt).toArray();
    return new TimedRequest(prompt, Integer.parseInt(parts[0]));
  }
}
