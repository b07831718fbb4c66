package io.qwark.bench;

import java.util.LinkedHashMap;
import java.util.Map;

/** A line of a measured process: a word, and values with names. */
record Answer(Map<String, String> values) {

  /**
   * @param word what the line has to start with
   * @throws IllegalStateException if it starts with another, such as {@code error}
   */
  static Answer parse(String word, String line) {
    String[] words = line.split(" ");
    if (!words[0].equals(word)) {
      throw new IllegalStateException(line);
    }
    Map<String, String> values = new LinkedHashMap<>();
    for (int i = 1; i < words.length; i++) {
      int sign = words[i].indexOf('=');
      values.put(words[i].substring(0, sign), words[i].substring(sign + 1));
    }
    return new Answer(values);
  }

  double number(String name) {
    return Double.parseDouble(values.get(name));
  }
}
