package io.qwark.udf;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Test;

class GenerationSchemaTest {
  /** As the project's table format says; result files depend on it. */
  private static final String DDL =
      "sample_index INT NOT NULL,status STRING NOT NULL,error_code STRING,error_message STRING,"
          + "finish_reason STRING,reasoning STRING,answer STRING,text STRING,"
          + "prompt_tokens INT,completion_tokens INT,seed BIGINT,"
          + "queue_ms DOUBLE,first_token_ms DOUBLE,total_ms DOUBLE,"
          + "token_ids ARRAY<INT>,logprobs ARRAY<FLOAT>,"
          + "top_logprobs ARRAY<ARRAY<STRUCT<token_id: INT NOT NULL, logprob: FLOAT NOT NULL>>>,"
          + "prompt_logprobs ARRAY<FLOAT>";

  @Test
  void theColumnsAreExactlyThese() {
    // There and back, for Spark's versions print nested fields differently.
    assertEquals(StructType.fromDDL(DDL).toDDL(), GenerationSchema.TYPE.toDDL());
  }
}
