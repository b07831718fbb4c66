package io.qwark.engine.gguf;

import io.qwark.engine.api.UserException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * The key-value pairs at the head of a file, with typed, range-checked access; errors name the file
 * and the key. Whole numbers are {@link Long}, others {@link Float} or {@link Double}; arrays are
 * {@code long[]}, {@code double[]}, {@code boolean[]}, {@code String[]} or {@code Object[]}.
 */
final class GgufMetadata {
  static final int MAX_PAIRS = 1 << 16;
  private static final int MAX_KEY_BYTES = (1 << 16) - 1;

  private final Path file;
  private final Map<String, Object> values = new LinkedHashMap<>();

  private GgufMetadata(Path file) {
    this.file = file;
  }

  static GgufMetadata read(Path file, GgufCursor cursor, int count) {
    GgufMetadata metadata = new GgufMetadata(file);
    GgufValues reader = new GgufValues(cursor);
    for (int i = 0; i < count; i++) {
      String key = cursor.text("a key", MAX_KEY_BYTES);
      if (metadata.values.put(key, reader.value()) != null) {
        throw metadata.damaged("`" + GgufErrors.shown(key) + "` is given twice");
      }
    }
    return metadata;
  }

  Set<String> keys() {
    return values.keySet();
  }

  boolean has(String key) {
    return values.containsKey(key);
  }

  /** A whole number; a list of equal ones, as some give it for each layer, counts as that one. */
  int integer(String key, int least, int most) {
    Object value = require(key);
    if (value instanceof long[] list && list.length > 0) {
      for (long each : list) {
        if (each != list[0]) {
          throw unsupported(
              "its `" + key + "` differs between layers", "Choose a model whose layers are alike");
        }
      }
      value = list[0];
    }
    if (!(value instanceof Long number) || number < least || number > most) {
      throw wrong(key, "is no whole number between " + least + " and " + most, value);
    }
    return number.intValue();
  }

  int integer(String key, int least, int most, int otherwise) {
    return has(key) ? integer(key, least, most) : otherwise;
  }

  /**
   * A number; one of 32 bits as the shortest decimal that stands for it, since that is what the
   * config had it was made from: 1e-06, not 9.999999974752427e-07.
   */
  double number(String key, double least, double most) {
    Object value = require(key);
    double number =
        value instanceof Float f
            ? Double.parseDouble(f.toString())
            : value instanceof Number n ? n.doubleValue() : Double.NaN;
    if (!(number >= least && number <= most)) {
      throw wrong(key, "is no number between " + least + " and " + most, value);
    }
    return number;
  }

  double number(String key, double least, double most, double otherwise) {
    return has(key) ? number(key, least, most) : otherwise;
  }

  boolean flag(String key, boolean otherwise) {
    return has(key) ? typed(key, Boolean.class, "neither true nor false") : otherwise;
  }

  String text(String key) {
    require(key);
    return text(key, null);
  }

  String text(String key, String otherwise) {
    return has(key) ? typed(key, String.class, "no text") : otherwise;
  }

  String[] texts(String key) {
    require(key);
    return typed(key, String[].class, "no list of texts");
  }

  long[] integers(String key) {
    require(key);
    return typed(key, long[].class, "no list of whole numbers");
  }

  double[] numbers(String key) {
    require(key);
    return typed(key, double[].class, "no list of numbers");
  }

  UserException damaged(String reason) {
    return GgufErrors.damaged(file, reason);
  }

  UserException unsupported(String reason, String supported) {
    return GgufErrors.unsupported(file, reason, supported);
  }

  private Object require(String key) {
    Object value = values.get(key);
    if (value == null) {
      throw damaged("`" + key + "` is missing");
    }
    return value;
  }

  private <T> T typed(String key, Class<T> type, String otherwise) {
    Object value = values.get(key);
    if (!type.isInstance(value)) {
      throw wrong(key, "is " + otherwise, value);
    }
    return type.cast(value);
  }

  private UserException wrong(String key, String problem, Object value) {
    String shown = value.getClass().isArray() ? "a list" : GgufErrors.shown(String.valueOf(value));
    return damaged("`" + key + "` " + problem + ", it is " + shown);
  }
}
