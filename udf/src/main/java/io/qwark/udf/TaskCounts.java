package io.qwark.udf;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.apache.spark.scheduler.AccumulableInfo;

/** What one or more tasks counted with the accumulators of an {@link InferenceMetrics}. */
final class TaskCounts {
  private final Map<Long, Long> sums = new HashMap<>();
  private final Set<String> replicasAsked = new HashSet<>();
  private final Set<String> replicasLoaded = new HashSet<>();

  /** Takes in a task's own part of accumulators; those that are not the metrics' are left out. */
  static TaskCounts of(
      InferenceMetrics metrics, scala.collection.Seq<AccumulableInfo> accumulables) {
    TaskCounts counts = new TaskCounts();
    scala.collection.Iterator<AccumulableInfo> each = accumulables.iterator();
    while (each.hasNext()) {
      AccumulableInfo info = each.next();
      if (info.update().isDefined()) {
        counts.take(metrics, info.id(), info.update().get());
      }
    }
    return counts;
  }

  private void take(InferenceMetrics metrics, long id, Object part) {
    if (metrics.counterIds().contains(id)) {
      sums.merge(id, (Long) part, Long::sum);
    } else if (id == metrics.replicasAsked.id()) {
      ((Set<?>) part).forEach(replica -> replicasAsked.add((String) replica));
    } else if (id == metrics.replicasLoaded.id()) {
      ((Set<?>) part).forEach(replica -> replicasLoaded.add(((ReplicaLoad) replica).id()));
    }
  }

  void add(TaskCounts other) {
    other.sums.forEach((id, sum) -> sums.merge(id, sum, Long::sum));
    addReplicas(other);
  }

  void addReplicas(TaskCounts other) {
    replicasAsked.addAll(other.replicasAsked);
    replicasLoaded.addAll(other.replicasLoaded);
  }

  Progress progress(InferenceMetrics metrics) {
    Set<String> loading = new HashSet<>(replicasAsked);
    loading.removeAll(replicasLoaded);
    return new Progress(
        sum(metrics.rows.id()),
        sum(metrics.samplesOk.id()),
        sum(metrics.samplesError.id()),
        sum(metrics.promptTokens.id()),
        sum(metrics.completionTokens.id()),
        loading.size(),
        replicasLoaded.size());
  }

  private long sum(long id) {
    return sums.getOrDefault(id, 0L);
  }
}
