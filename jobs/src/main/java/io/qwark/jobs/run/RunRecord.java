package io.qwark.jobs.run;

import io.qwark.engine.api.ModelInfo;
import io.qwark.jobs.config.ConfigTree;
import io.qwark.jobs.data.PromptTable;
import io.qwark.udf.InferenceMetrics;
import io.qwark.udf.ReplicaLoad;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.SparkContext;
import org.apache.spark.sql.SparkSession;

/** Gathers what {@code run.json} holds: all that is needed to make the run again. */
public final class RunRecord {
  private final Map<String, Object> record = new LinkedHashMap<>();
  private final Instant started = Instant.now();

  /**
   * @param job its name, such as evaluate
   */
  public RunRecord(String job, String runId, List<String> arguments, Record config) {
    record.put("job", job);
    record.put("run_id", runId);
    record.put("started", started.toString());
    record.put("ended", null);
    record.put("seconds", null);
    record.put("command_line", Redaction.commandLine(arguments));
    record.put("config", redacted(ConfigTree.of(config)));
    record.put("versions", Versions.all());
  }

  @SuppressWarnings("unchecked")
  private static Map<String, Object> redacted(Map<String, Object> config) {
    Map<String, Object> spark = (Map<String, Object>) config.get("spark");
    spark.put("conf", Redaction.properties((Map<String, String>) spark.get("conf")));
    return config;
  }

  public RunRecord dataset(String path, PromptTable table) {
    Map<String, Object> dataset = new LinkedHashMap<>();
    dataset.put("path", Redaction.address(path));
    dataset.put("files", table.files().stream().map(Redaction::address).toList());
    dataset.put("rows", table.count());
    dataset.put("bad_rows", table.bad());
    dataset.put("sha256", table.sha256());
    record.put("dataset", dataset);
    return this;
  }

  /**
   * @param sha256 of the model folder, or null if the driver cannot see it
   */
  public RunRecord model(String path, String sha256, InferenceMetrics metrics) {
    Map<String, Object> model = new LinkedHashMap<>();
    model.put("path", path);
    model.put("sha256", sha256);
    List<Object> replicas = new ArrayList<>();
    for (ReplicaLoad load : metrics.replicas()) {
      if (replicas.isEmpty()) {
        describe(model, load.model());
      }
      replicas.add(replica(load, metrics));
    }
    record.put("model", model);
    record.put("replicas", replicas);
    return this;
  }

  private static void describe(Map<String, Object> model, ModelInfo info) {
    model.put("architecture", info.architecture());
    model.put("parameters", info.parameters());
    model.put("chat_template", info.chatTemplate());
    model.put("quantization", info.quantization());
    model.put("lm_head_quantization", info.lmHeadQuantization());
    model.put("max_model_len", info.maxModelLen());
  }

  private static Map<String, Object> replica(ReplicaLoad load, InferenceMetrics metrics) {
    Map<String, Object> replica = new LinkedHashMap<>();
    replica.put("executor", load.executorId());
    replica.put("device", load.model().device());
    replica.put("threads", load.model().threads());
    replica.put("kernels", load.model().kernels());
    replica.put("kv_cache_dtype", load.model().kvCacheDtype());
    replica.put("load_ms", load.loadMs());
    replica.put("kv_cache_tokens", load.model().kvCacheTokens());
    replica.put("restarts", metrics.restarts(load));
    replica.put("out_of_memory", metrics.outOfMemory(load));
    return replica;
  }

  public RunRecord spark(SparkSession session, int partitions) {
    SparkContext context = session.sparkContext();
    Map<String, Object> spark = new LinkedHashMap<>();
    spark.put("application_id", context.applicationId());
    spark.put("master", context.master());
    spark.put("default_parallelism", context.defaultParallelism());
    spark.put("partitions", partitions);
    // The driver is in the list, and is no executor unless Spark is local.
    int known = context.statusTracker().getExecutorInfos().length;
    spark.put("executors", context.isLocal() ? known : known - 1);
    spark.put("hosts", hosts(context));
    Map<String, String> conf = new LinkedHashMap<>();
    for (scala.Tuple2<String, String> entry : context.getConf().getAll()) {
      conf.put(entry._1(), entry._2());
    }
    spark.put("conf", Redaction.properties(conf));
    record.put("spark", spark);
    return this;
  }

  private static long hosts(SparkContext context) {
    return java.util.Arrays.stream(context.statusTracker().getExecutorInfos())
        .map(info -> info.host())
        .distinct()
        .count();
  }

  public RunRecord put(String key, Object value) {
    record.put(key, value);
    return this;
  }

  /** The whole record, ended now. */
  public Map<String, Object> end() {
    Instant ended = Instant.now();
    record.put("ended", ended.toString());
    record.put("seconds", Duration.between(started, ended).toMillis() / 1000.0);
    return record;
  }
}
