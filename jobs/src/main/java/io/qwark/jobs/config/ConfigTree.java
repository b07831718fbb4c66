package io.qwark.jobs.config;

import java.lang.reflect.RecordComponent;
import java.util.LinkedHashMap;
import java.util.Map;

/** A configuration as plain maps and lists with its keys' names, to be recorded with results. */
public final class ConfigTree {
  private ConfigTree() {}

  /** Every key, null where nothing is set. */
  public static Map<String, Object> of(Record config) {
    Map<String, Object> tree = new LinkedHashMap<>();
    for (RecordComponent component : config.getClass().getRecordComponents()) {
      try {
        Object value = component.getAccessor().invoke(config);
        tree.put(Keys.of(component), value instanceof Record nested ? of(nested) : value);
      } catch (ReflectiveOperationException e) {
        throw new IllegalStateException("Cannot read " + component, e);
      }
    }
    return tree;
  }
}
