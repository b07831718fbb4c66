package io.qwark.jobs.run;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RedactionTest {
  @Test
  void hidesCredentialsOfACommandLine() {
    assertEquals(
        List.of(
            "evaluate",
            "--set",
            "spark.conf.spark.hadoop.fs.s3a.secret.key=(redacted)",
            "--set=spark.conf.spark.my.PASSWORD=(redacted)",
            "--set",
            "model.max_num_batched_tokens=512",
            "--dataset",
            "s3a://(redacted)@bucket/x"),
        Redaction.commandLine(
            List.of(
                "evaluate",
                "--set",
                "spark.conf.spark.hadoop.fs.s3a.secret.key=abc",
                "--set=spark.conf.spark.my.PASSWORD=a=b",
                "--set",
                "model.max_num_batched_tokens=512",
                "--dataset",
                "s3a://me:abc@bucket/x")));
  }

  @Test
  void hidesCredentialsOfSparkProperties() {
    assertEquals(
        Map.of("spark.a.token", "(redacted)", "spark.executor.cores", "4"),
        Redaction.properties(Map.of("spark.a.token", "x", "spark.executor.cores", "4")));
  }
}
