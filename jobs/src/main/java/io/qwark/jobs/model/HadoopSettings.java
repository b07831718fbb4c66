package io.qwark.jobs.model;

import org.apache.hadoop.conf.Configuration;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkEnv;

/** What Hadoop's file systems are told. */
final class HadoopSettings {
  private static final String PREFIX = "spark.hadoop.";

  private HadoopSettings() {}

  /** This process's own settings, and those that the Spark application was given for all. */
  static Configuration ofThisProcess() {
    SparkEnv env = SparkEnv.get();
    SparkConf conf = env == null ? new SparkConf() : env.conf();
    Configuration hadoop = new Configuration();
    for (scala.Tuple2<String, String> setting : conf.getAllWithPrefix(PREFIX)) {
      hadoop.set(setting._1(), setting._2());
    }
    return hadoop;
  }
}
