package io.qwark.udf;

import java.util.Collections;
import java.util.HashSet;
import java.util.Set;
import java.util.WeakHashMap;
import org.apache.spark.ExceptionFailure;
import org.apache.spark.SparkContext;
import org.apache.spark.Success$;
import org.apache.spark.TaskEndReason;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerApplicationEnd;
import org.apache.spark.scheduler.SparkListenerStageCompleted;
import org.apache.spark.scheduler.SparkListenerTaskEnd;

/**
 * Ends a stage at a user's mistake, which further attempts would only repeat unless others of the
 * same stage went well, and closes the replicas of local mode, whose process outlives the Spark
 * application.
 */
final class DriverListener extends SparkListener {
  private static final Set<SparkContext> WATCHED =
      Collections.synchronizedSet(Collections.newSetFromMap(new WeakHashMap<>()));

  private final SparkContext spark;

  /** Stages of which a task ended well that used a replica. */
  private final Set<Integer> working = new HashSet<>();

  private DriverListener(SparkContext spark) {
    this.spark = spark;
  }

  /** Once for each Spark application; later calls do nothing. */
  static void watch(SparkContext spark) {
    if (WATCHED.add(spark)) {
      spark.addSparkListener(new DriverListener(spark));
    }
  }

  @Override
  public void onTaskEnd(SparkListenerTaskEnd end) {
    TaskEndReason reason = end.reason();
    if (reason == Success$.MODULE$ && usedReplica(end)) {
      working.add(end.stageId());
    }
    if (reason instanceof ExceptionFailure failure && !working.contains(end.stageId())) {
      String text = failure.toErrorString();
      UserErrorText.find(text)
          .ifPresent(mistake -> spark.cancelStage(end.stageId(), UserErrorText.format(mistake)));
    }
  }

  private static boolean usedReplica(SparkListenerTaskEnd end) {
    return end.taskInfo()
        .accumulables()
        .exists(info -> info.name().contains(InferenceMetrics.REPLICAS_LOADED));
  }

  @Override
  public void onStageCompleted(SparkListenerStageCompleted completed) {
    working.remove(completed.stageInfo().stageId());
  }

  @Override
  public void onApplicationEnd(SparkListenerApplicationEnd end) {
    Replicas.ofThisProcess().closeAll();
  }
}
