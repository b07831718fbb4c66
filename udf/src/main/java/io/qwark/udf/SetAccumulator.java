package io.qwark.udf;

import java.util.HashSet;
import java.util.Set;
import org.apache.spark.util.AccumulatorV2;

/**
 * Collects distinct values: many tasks may report the same thing, and it counts once. Values are
 * serializable and immutable. The set is replaced, never changed, because Spark serializes it for
 * heartbeats while the task runs.
 */
final class SetAccumulator<T> extends AccumulatorV2<T, Set<T>> {
  private static final long serialVersionUID = 1L;

  private volatile Set<T> values = Set.of();

  @Override
  public boolean isZero() {
    return value().isEmpty();
  }

  @Override
  public SetAccumulator<T> copy() {
    SetAccumulator<T> copy = new SetAccumulator<>();
    copy.values = value();
    return copy;
  }

  @Override
  public void reset() {
    values = Set.of();
  }

  @Override
  public void add(T value) {
    addAll(Set.of(value));
  }

  @Override
  public void merge(AccumulatorV2<T, Set<T>> other) {
    addAll(other.value());
  }

  @Override
  public Set<T> value() {
    Set<T> known = values;
    // Spark registers an accumulator in the midst of deserializing it (SPARK-59451). A heartbeat
    // may
    // see it before its fields are read, and an exception would end that executor's heartbeats.
    return known == null ? Set.of() : known;
  }

  private synchronized void addAll(Set<T> more) {
    if (!value().containsAll(more)) {
      Set<T> all = new HashSet<>(value());
      all.addAll(more);
      values = Set.copyOf(all);
    }
  }
}
