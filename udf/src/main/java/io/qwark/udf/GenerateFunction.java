package io.qwark.udf;

import io.qwark.engine.api.ModelFactory;
import io.qwark.engine.api.SamplingParams;
import io.qwark.engine.api.TextModel;
import io.qwark.engine.api.UserException;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.spark.SparkEnv;
import org.apache.spark.TaskContext;
import org.apache.spark.sql.Row;

/**
 * Generation as a batch function: what travels to executors.
 *
 * @param driverGpu address of the GPU of a driver that runs the tasks itself, or null
 * @param stage of these tasks, or null
 */
record GenerateFunction(
    PromptReader reader,
    ModelFactory factory,
    InferenceOptions options,
    InferenceMetrics metrics,
    String driverGpu,
    GpuStage stage)
    implements BatchFunction {

  /** As many samples wait for a replica as it works on, so that it never lacks one. */
  private static final int FILLS = 2;

  @Override
  public Iterator<List<Row>> apply(Iterator<List<Row>> batches) {
    TaskContext context = TaskContext.get();
    SampleIterator samples =
        new SampleIterator(new FlatteningIterator(batches), reader, options.n(), metrics.rows);
    return new GeneratingIterator(samples, metrics, () -> session(context), context::isInterrupted);
  }

  private ModelSession session(TaskContext context) {
    SparkEnv env = SparkEnv.get();
    String scope = env.conf().getAppId() + "/" + context.stageId();
    Seat seat = Placements.of(context, env, driverGpu, stage);
    Replica replica = Replicas.ofThisProcess().replica(factory, seat, scope);
    String id = ReplicaLoad.id(env.executorId(), replica.number());
    metrics.replicasAsked.add(id);
    Replica.Loaded loaded = replica.await(context::isInterrupted);
    TextModel model = loaded.model();
    metrics.replicasLoaded.add(
        new ReplicaLoad(
            env.executorId(), replica.device(), replica.number(), loaded.loadMs(), model.info()));
    SamplingParams params;
    try {
      params = model.resolve(options.sampling());
    } catch (UserException e) {
      throw TaskErrors.of("Cannot sample", e);
    }
    AtomicInteger feeders = replica.feeders();
    feeders.incrementAndGet();
    Integer fixed = options.maxInFlight();
    SampleWindow window =
        new SampleWindow(() -> fixed == null ? share(model.maxNumSeqs(), feeders.get()) : fixed);
    List<EventCount> events =
        List.of(
            new EventCount(model::restarts, metrics.replicasRestarted, id),
            new EventCount(model::outOfMemory, metrics.stepsOutOfMemory, id));
    return new ModelSession(model, params, window, events, feeders::decrementAndGet);
  }

  /**
   * Samples that a task may have under way.
   *
   * @param atATime samples that the replica works on at a time; never more, so that a task's end
   *     does not wait for others' samples
   * @param feeders tasks that feed it, this one included; on a GPU Spark runs as many at once as
   *     the part of it that each asks for allows
   */
  static int share(int atATime, int feeders) {
    long part = ((long) FILLS * atATime + feeders - 1) / feeders;
    return (int) Math.max(1, Math.min(atATime, part));
  }
}
