package io.qwark.udf;

import io.qwark.engine.api.Prompt;
import org.apache.spark.sql.Row;

/**
 * One sample to be made of a row.
 *
 * @param prompt null if the row has none
 * @param badRow why it has none, else null
 */
record Sample(Row row, int index, Prompt prompt, BadRowException badRow) {}
