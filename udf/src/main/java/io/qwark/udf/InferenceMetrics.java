package io.qwark.udf;

import io.qwark.engine.api.Generation;
import java.io.Serializable;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import org.apache.spark.SparkContext;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.util.LongAccumulator;

/**
 * What tasks counted, as named Spark accumulators that the Spark UI shows beside each stage. Values
 * are read on the driver and hold finished tasks; {@link ProgressListener} adds the running ones.
 * Failed attempts do not count; a stage that is computed twice counts twice, so use one instance
 * for one action.
 */
public final class InferenceMetrics implements Serializable {
  private static final long serialVersionUID = 1L;

  static final String REPLICAS_LOADED = "qwark replicas loaded";

  final LongAccumulator rows;
  final LongAccumulator samplesOk;
  final LongAccumulator samplesError;
  final LongAccumulator promptTokens;
  final LongAccumulator completionTokens;
  final SetAccumulator<String> replicasAsked = new SetAccumulator<>();
  final SetAccumulator<ReplicaLoad> replicasLoaded = new SetAccumulator<>();
  final SetAccumulator<String> replicasRestarted = new SetAccumulator<>();
  final SetAccumulator<String> stepsOutOfMemory = new SetAccumulator<>();

  private InferenceMetrics(SparkContext spark) {
    rows = spark.longAccumulator("qwark rows");
    samplesOk = spark.longAccumulator("qwark samples ok");
    samplesError = spark.longAccumulator("qwark samples failed");
    promptTokens = spark.longAccumulator("qwark prompt tokens");
    completionTokens = spark.longAccumulator("qwark completion tokens");
    spark.register(replicasAsked, "qwark replicas asked for");
    spark.register(replicasLoaded, REPLICAS_LOADED);
    spark.register(replicasRestarted, "qwark replicas restarted");
    spark.register(stepsOutOfMemory, "qwark steps out of memory");
  }

  /** New counters, all zero, registered with the session's driver. */
  public static InferenceMetrics register(SparkSession spark) {
    return new InferenceMetrics(spark.sparkContext());
  }

  /** Rows that were read, good and bad. */
  public long rows() {
    return rows.value();
  }

  /** Samples that have a result. */
  public long samplesOk() {
    return samplesOk.value();
  }

  /** Samples that became error rows. */
  public long samplesError() {
    return samplesError.value();
  }

  /** Prompt tokens of the samples that have a result; a prompt counts once for each sample. */
  public long promptTokens() {
    return promptTokens.value();
  }

  /** Generated tokens of the samples that have a result. */
  public long completionTokens() {
    return completionTokens.value();
  }

  /** The replicas that finished tasks used, by executor and load; each load once. */
  public List<ReplicaLoad> replicas() {
    return replicasLoaded.value().stream()
        .sorted(Comparator.comparing(ReplicaLoad::executorId).thenComparing(ReplicaLoad::number))
        .toList();
  }

  /**
   * How often a replica hung or died while finished tasks used it, and was loaded anew; its samples
   * went on there.
   */
  public long restarts(ReplicaLoad replica) {
    return EventCount.of(replica.id(), replicasRestarted);
  }

  /**
   * How many steps of a replica ran out of its device's memory while finished tasks used it, and
   * were computed anew with fewer samples at a time.
   */
  public long outOfMemory(ReplicaLoad replica) {
    return EventCount.of(replica.id(), stepsOutOfMemory);
  }

  /** Ids of the accumulators that add up. */
  Set<Long> counterIds() {
    return Set.of(
        rows.id(), samplesOk.id(), samplesError.id(), promptTokens.id(), completionTokens.id());
  }

  void countOk(Generation generation) {
    samplesOk.add(1L);
    promptTokens.add((long) generation.promptTokens());
    completionTokens.add((long) generation.completion().tokenIds().length);
  }
}
