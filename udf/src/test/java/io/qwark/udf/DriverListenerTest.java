package io.qwark.udf;

import static io.qwark.udf.LocalSpark.options;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.qwark.engine.api.ModelInfo;
import io.qwark.engine.api.Placement;
import io.qwark.engine.api.UserException;
import io.qwark.udf.testing.ScriptedFactory;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.spark.Success$;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerTaskEnd;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Which failures end a stage at once, where a task has four attempts. */
@Timeout(120)
class DriverListenerTest {
  private static final UserException MISTAKE = new UserException("Cannot go on", "why", "Look");

  /** A task went well, and all who listen have heard of it. */
  private static volatile CountDownLatch wentWell;

  /** Lets second attempts go on; without it they are too late for the end of their stage. */
  private static volatile CountDownLatch again;

  private static final AtomicInteger FAILURES = new AtomicInteger();

  private SparkSession spark;

  /** What the first attempt of the last partition fails with. */
  private interface Failure extends Serializable {
    RuntimeException make();
  }

  @BeforeEach
  void start() {
    spark = LocalSpark.builder().master("local[2,4]").getOrCreate();
    DriverListener.watch(spark.sparkContext());
    wentWell = new CountDownLatch(1);
    again = new CountDownLatch(1);
    FAILURES.set(0);
    // After the one that is tested, which thus has heard of everything before it.
    spark
        .sparkContext()
        .addSparkListener(
            new SparkListener() {
              @Override
              public void onTaskEnd(SparkListenerTaskEnd end) {
                // A shuffle's tasks are of another stage.
                if (end.reason() == Success$.MODULE$ && end.taskType().equals("ResultTask")) {
                  wentWell.countDown();
                }
              }
            });
  }

  @AfterEach
  void stop() {
    again.countDown();
    spark.stop();
  }

  @Test
  void aMistakeEndsItsStageAtOnce() {
    assertEnds(generated(1), false);
  }

  @Test
  void aMistakeWhereAnotherReplicaOfTheStageWorksIsTriedAgain() throws InterruptedException {
    again.countDown();
    assertEquals(4, run(generated(2), true, () -> new TaskUserException(MISTAKE)));
    assertEquals(1, FAILURES.get());
  }

  @Test
  void aTaskThatHadNoReplicaDoesNotShowThatAnyWorks() {
    assertEnds(LocalSpark.prompts(spark, 2, "a", "b", "c", "d").javaRDD(), true);
  }

  @Test
  void aReplicaThatWorkedInAnotherStageShowsNothing() throws InterruptedException {
    assertEquals(4, generated(2).collect().size());
    wentWell.await();
    assertEnds(generated(1), false);
  }

  @Test
  void rowsOfALostReplicaAreTriedAgainThoughNoneIsKnownToWork() throws InterruptedException {
    again.countDown();
    ModelInfo model = ScriptedFactory.named("lost").load(Placement.cpu()).info();
    Failure lost = () -> new ReplicaLostException("driver", model, "as the test wants it");
    assertEquals(4, run(generated(1), false, lost));
    assertEquals(1, FAILURES.get());
  }

  private JavaRDD<Row> generated(int partitions) {
    return Inference.generate(
            LocalSpark.prompts(spark, partitions, "a", "b", "c", "d"),
            ScriptedFactory.named("listened to"),
            options(1, null),
            InferenceMetrics.register(spark))
        .javaRDD();
  }

  private static void assertEnds(JavaRDD<Row> rows, boolean waits) {
    Exception failure =
        assertThrows(Exception.class, () -> run(rows, waits, () -> new TaskUserException(MISTAKE)));
    assertEquals("Cannot go on", SparkErrors.userException(failure).orElseThrow().problem());
    assertEquals(1, FAILURES.get());
  }

  /**
   * @param waits for another task to go well before the failure
   * @return the number of rows
   */
  private static int run(JavaRDD<Row> rows, boolean waits, Failure failure)
      throws InterruptedException {
    return rows.mapPartitions(partition -> attempt(partition, waits, failure)).collect().size();
  }

  private static Iterator<Row> attempt(Iterator<Row> partition, boolean waits, Failure failure)
      throws InterruptedException {
    List<Row> rows = new ArrayList<>();
    partition.forEachRemaining(rows::add);
    TaskContext task = TaskContext.get();
    if (task.partitionId() == task.numPartitions() - 1) {
      if (task.attemptNumber() == 0) {
        if (waits) {
          wentWell.await();
        }
        FAILURES.incrementAndGet();
        throw failure.make();
      }
      boolean unused = again.await(20, TimeUnit.SECONDS);
    }
    return rows.iterator();
  }
}
