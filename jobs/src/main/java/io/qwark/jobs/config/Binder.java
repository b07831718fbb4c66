package io.qwark.jobs.config;

import io.qwark.engine.api.UserException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Makes a record of a {@link Node}: every key must be a component of the record and every value of
 * its type; what is missing or null comes from a record of defaults. Where that is null for a whole
 * section, the section's own {@code DEFAULTS} fill one that is given.
 */
final class Binder {
  private final Class<?> root;

  private Binder(Class<?> root) {
    this.root = root;
  }

  static <R extends Record> R bind(Node node, R defaults) {
    return new Binder(defaults.getClass()).record(node, defaults, "");
  }

  @SuppressWarnings("unchecked")
  private <R extends Record> R record(Node node, R defaults, String path) {
    if (!node.isMapping()) {
      throw wrong(node, path, "a mapping with the keys " + keysOf(defaults.getClass()));
    }
    refuseUnknownKeys(node, defaults.getClass(), path);
    RecordComponent[] components = defaults.getClass().getRecordComponents();
    Object[] values = new Object[components.length];
    Class<?>[] types = new Class<?>[components.length];
    for (int i = 0; i < components.length; i++) {
      String key = Keys.of(components[i]);
      Node given = node.mapping().get(key);
      Object otherwise = invoke(components[i], defaults);
      types[i] = components[i].getType();
      values[i] =
          given == null || given.value() == null
              ? otherwise
              : value(given, components[i].getGenericType(), otherwise, path + key);
    }
    try {
      return (R) defaults.getClass().getDeclaredConstructor(types).newInstance(values);
    } catch (InvocationTargetException e) {
      if (e.getCause() instanceof UserException mistake) {
        throw mistake;
      }
      throw new IllegalStateException("Cannot build " + defaults.getClass(), e.getCause());
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("Cannot build " + defaults.getClass(), e);
    }
  }

  private Object value(Node node, Type type, Object otherwise, String path) {
    if (otherwise instanceof Record defaults) {
      return record(node, defaults, path + ".");
    }
    if (type instanceof Class<?> section && section.isRecord()) {
      return record(node, defaults(section), path + ".");
    }
    if (type instanceof ParameterizedType generic) {
      return generic.getRawType() == Map.class
          ? texts(node, path)
          : list(node, generic.getActualTypeArguments()[0], path);
    }
    return scalar(node, type, path);
  }

  /** What holds within a section that as a whole is left out by default. */
  private static Record defaults(Class<?> section) {
    try {
      return (Record) section.getField("DEFAULTS").get(null);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("A section that may be left out lacks DEFAULTS", e);
    }
  }

  private List<Object> list(Node node, Type itemType, String path) {
    // A single item may be written without brackets.
    List<Node> items = node.isSequence() ? node.sequence() : List.of(node);
    List<Object> values = new ArrayList<>();
    for (int i = 0; i < items.size(); i++) {
      values.add(scalar(items.get(i), itemType, path + (node.isSequence() ? "[" + i + "]" : "")));
    }
    return Collections.unmodifiableList(values);
  }

  /** A mapping of texts; nested mappings are the same as dotted keys. */
  private Map<String, String> texts(Node node, String path) {
    Map<String, String> texts = new TreeMap<>();
    if (!node.isMapping()) {
      throw wrong(node, path, "a mapping");
    }
    node.mapping()
        .forEach(
            (key, value) -> {
              if (value.isMapping()) {
                texts(value, path + "." + key).forEach((k, v) -> texts.put(key + "." + k, v));
              } else if (value.isSequence() || value.value() == null) {
                throw wrong(value, path + "." + key, "a text or a number");
              } else {
                texts.put(key, value.text());
              }
            });
    return Collections.unmodifiableMap(texts);
  }

  private static Object scalar(Node node, Type type, String path) {
    Object value = node.value();
    if (type == String.class) {
      return value instanceof String ? value : fail(node, path, "a text (quote it if need be)");
    }
    if (type == Boolean.class || type == boolean.class) {
      return value instanceof Boolean ? value : fail(node, path, "true or false");
    }
    if (type == Double.class || type == double.class) {
      return value instanceof Long || value instanceof Double
          ? (Object) ((Number) value).doubleValue()
          : fail(node, path, "a number");
    }
    if (type == Long.class || type == long.class) {
      return value instanceof Long ? value : fail(node, path, "a whole number");
    }
    if (type == Integer.class || type == int.class) {
      return value instanceof Long l && l == l.intValue()
          ? (Object) l.intValue()
          : fail(node, path, "a whole number of at most 32 bits");
    }
    throw new IllegalStateException("A configuration cannot have the type " + type);
  }

  private void refuseUnknownKeys(Node node, Class<?> record, String path) {
    List<String> known = Keys.of(record);
    node.mapping()
        .forEach(
            (key, value) -> {
              if (!known.contains(key)) {
                throw value
                    .origin()
                    .error("there is no key `" + path + key + "`", suggestion(key, known, path));
              }
            });
  }

  private String suggestion(String key, List<String> known, String path) {
    List<String> elsewhere = Keys.paths(root).stream().filter(p -> p.endsWith("." + key)).toList();
    if (!elsewhere.isEmpty()) {
      return "Write `" + String.join("` or `", elsewhere) + "` if that is meant";
    }
    return Nearest.suggestion(path + key, known.stream().map(k -> path + k).toList());
  }

  private static Object fail(Node node, String path, String expected) {
    throw wrong(node, path, expected);
  }

  private static UserException wrong(Node node, String path, String expected) {
    String key = path.endsWith(".") ? path.substring(0, path.length() - 1) : path;
    return node.origin()
        .error(
            (key.isEmpty() ? "the file" : "`" + key + "`") + " is " + node.describe(),
            "Give " + expected);
  }

  private static String keysOf(Class<?> record) {
    return String.join(", ", Keys.of(record));
  }

  private static Object invoke(RecordComponent component, Object record) {
    try {
      return component.getAccessor().invoke(record);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("Cannot read " + component, e);
    }
  }
}
