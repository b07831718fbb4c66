package io.qwark.jobs.config;

import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The keys of a configuration, which are the components of its records in snake case. */
final class Keys {
  private Keys() {}

  static String of(RecordComponent component) {
    return component.getName().replaceAll("([a-z0-9])([A-Z])", "$1_$2").toLowerCase(Locale.ROOT);
  }

  static List<String> of(Class<?> record) {
    List<String> keys = new ArrayList<>();
    for (RecordComponent component : record.getRecordComponents()) {
      keys.add(of(component));
    }
    return keys;
  }

  /** All keys of a record and of the records in it, as dotted paths. */
  static List<String> paths(Class<?> record) {
    List<String> paths = new ArrayList<>();
    for (RecordComponent component : record.getRecordComponents()) {
      if (component.getType().isRecord()) {
        paths(component.getType()).forEach(p -> paths.add(of(component) + "." + p));
      } else {
        paths.add(of(component));
      }
    }
    return paths;
  }
}
