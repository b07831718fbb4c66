package io.qwark.udf;

import io.qwark.engine.api.ModelFactory;
import io.qwark.engine.api.SamplingParams;
import io.qwark.engine.api.TextModel;
import io.qwark.engine.api.UserException;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.SparkEnv;
import org.apache.spark.TaskContext;
import org.apache.spark.sql.Row;

/** Generation as a batch function: what travels to executors. */
record GenerateFunction(
    PromptReader reader, ModelFactory factory, InferenceOptions options, InferenceMetrics metrics)
    implements BatchFunction {

  @Override
  public Iterator<List<Row>> apply(Iterator<List<Row>> batches) {
    TaskContext context = TaskContext.get();
    SampleIterator samples =
        new SampleIterator(new FlatteningIterator(batches), reader, options.n(), metrics.rows);
    return new GeneratingIterator(samples, metrics, () -> session(context), context::isInterrupted);
  }

  private ModelSession session(TaskContext context) {
    SparkEnv env = SparkEnv.get();
    String stage = env.conf().getAppId() + "/" + context.stageId();
    Replica replica = Replicas.ofThisProcess().replica(factory, Placements.of(context, env), stage);
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
    int capacity = options.maxInFlight() == null ? model.maxNumSeqs() : options.maxInFlight();
    return new ModelSession(model, params, new SampleWindow(capacity), new RestartCount(model, id));
  }
}
