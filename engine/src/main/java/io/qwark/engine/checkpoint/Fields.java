package io.qwark.engine.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import io.qwark.engine.api.UserException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Typed, range-checked access to the keys of one JSON file; errors name the file and the key. */
record Fields(Path file, JsonNode root) {

  static Fields of(Path file) {
    return new Fields(file, JsonFile.read(file));
  }

  /** The keys of an object that stands under a key. */
  Fields in(String key) {
    JsonNode value = require(key);
    if (!value.isObject()) {
      throw wrong(key, "is not an object", value);
    }
    return new Fields(file, value);
  }

  /** The value, or null if it is absent or null. */
  JsonNode get(String key) {
    JsonNode value = root.get(key);
    return value == null || value.isNull() ? null : value;
  }

  JsonNode require(String key) {
    JsonNode value = get(key);
    if (value == null) {
      throw Errors.damaged(file, "`" + key + "` is missing");
    }
    return value;
  }

  int integer(String key, int least, int most) {
    JsonNode value = require(key);
    if (!value.isIntegralNumber() || !value.canConvertToInt()) {
      throw wrong(key, "is not a whole number in range", value);
    }
    int number = value.intValue();
    if (number < least || number > most) {
      throw wrong(key, "is not between " + least + " and " + most, value);
    }
    return number;
  }

  double number(String key, double least, double most) {
    return number(key, require(key), least, most);
  }

  double number(String key, double least, double most, double otherwise) {
    JsonNode value = get(key);
    return value == null ? otherwise : number(key, value, least, most);
  }

  double number(String key, JsonNode value, double least, double most) {
    double number = value.isNumber() ? value.doubleValue() : Double.NaN;
    if (!(number >= least && number <= most)) {
      String low = least == Double.MIN_VALUE ? "above 0" : "at least " + least;
      throw wrong(key, "is not a number " + low + " and at most " + most, value);
    }
    return number;
  }

  boolean flag(String key, boolean otherwise) {
    JsonNode value = get(key);
    if (value == null) {
      return otherwise;
    }
    if (!value.isBoolean()) {
      throw wrong(key, "is neither true nor false", value);
    }
    return value.booleanValue();
  }

  String text(String key, String otherwise) {
    JsonNode value = get(key);
    if (value == null) {
      return otherwise;
    }
    if (!value.isTextual()) {
      throw wrong(key, "is not a string", value);
    }
    return value.textValue();
  }

  /** Token ids given as one number or a list; empty if absent. */
  List<Integer> tokenIds(String key, int vocabSize) {
    JsonNode value = get(key);
    List<Integer> ids = new ArrayList<>();
    if (value == null) {
      return ids;
    }
    for (JsonNode id : value.isArray() ? value : List.of(value)) {
      if (!id.isIntegralNumber()
          || !id.canConvertToInt()
          || id.intValue() < 0
          || id.intValue() >= vocabSize) {
        throw wrong(key, "is not a token id below vocab_size " + vocabSize, id);
      }
      if (!ids.contains(id.intValue())) {
        ids.add(id.intValue());
      }
    }
    return ids;
  }

  UserException wrong(String key, String problem, JsonNode value) {
    return Errors.damaged(
        file, "`" + key + "` " + problem + ", it is " + Errors.shown(value.toString()));
  }
}
