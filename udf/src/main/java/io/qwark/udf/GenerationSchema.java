package io.qwark.udf;

import java.util.List;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.Metadata;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * The column that {@link Inference#generate} adds: the same type for every row, whatever happened
 * to it, so that files written at different times fit together.
 */
public final class GenerationSchema {

  /** Name of the added column. */
  public static final String COLUMN = "generation";

  /** {@code status} of a sample that has a result. */
  public static final String OK = "ok";

  /**
   * {@code status} of a sample that has none; {@code error_code} and {@code error_message} say why.
   */
  public static final String ERROR = "error";

  private static final DataType CANDIDATE =
      new StructType(
          new StructField[] {
            required("token_id", DataTypes.IntegerType), required("logprob", DataTypes.FloatType)
          });

  /**
   * Type of the added column. {@code sample_index} counts from 0; {@code finish_reason} is {@code
   * stop} or {@code length}; times are milliseconds since the sample was submitted; {@code
   * token_ids} include the stop token; log-probabilities are natural logarithms and null unless
   * asked for. All fields but the first two are null where they do not apply.
   */
  public static final StructType TYPE =
      new StructType(
          new StructField[] {
            required("sample_index", DataTypes.IntegerType),
            required("status", DataTypes.StringType),
            optional("error_code", DataTypes.StringType),
            optional("error_message", DataTypes.StringType),
            optional("finish_reason", DataTypes.StringType),
            optional("reasoning", DataTypes.StringType),
            optional("answer", DataTypes.StringType),
            optional("text", DataTypes.StringType),
            optional("prompt_tokens", DataTypes.IntegerType),
            optional("completion_tokens", DataTypes.IntegerType),
            optional("seed", DataTypes.LongType),
            optional("queue_ms", DataTypes.DoubleType),
            optional("first_token_ms", DataTypes.DoubleType),
            optional("total_ms", DataTypes.DoubleType),
            optional("token_ids", DataTypes.createArrayType(DataTypes.IntegerType, false)),
            optional("logprobs", DataTypes.createArrayType(DataTypes.FloatType, false)),
            optional(
                "top_logprobs",
                DataTypes.createArrayType(DataTypes.createArrayType(CANDIDATE, false), false)),
            // The first is null: nothing comes before it.
            optional("prompt_logprobs", DataTypes.createArrayType(DataTypes.FloatType, true))
          });

  private GenerationSchema() {}

  /** Names of the fields of {@link #TYPE}, in order. */
  public static List<String> fieldNames() {
    return List.of(TYPE.fieldNames());
  }

  private static StructField required(String name, DataType type) {
    return new StructField(name, type, false, Metadata.empty());
  }

  private static StructField optional(String name, DataType type) {
    return new StructField(name, type, true, Metadata.empty());
  }
}
