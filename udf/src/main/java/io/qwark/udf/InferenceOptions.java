package io.qwark.udf;

import io.qwark.engine.api.SamplingOptions;
import io.qwark.engine.api.UserException;
import java.io.Serializable;
import java.util.Objects;

/**
 * What {@link Inference#generate} is asked to do with each row.
 *
 * @param promptColumn a string; or an array of structs with the string fields {@code role} and
 *     {@code content}, optionally {@code reasoning_content} (string) and {@code tool_calls} (array
 *     of JSON strings or structs), whose other fields are left alone; or an array of integers, the
 *     token ids
 * @param promptForm what a string is; says nothing about arrays
 * @param systemPrompt put before the user message, or null; for strings of {@link PromptForm#CHAT}
 * @param errorColumn a string column that says what was wrong with a row before it came here, or
 *     null for none; a row where it is not null becomes error rows with that message
 * @param toolsColumn an array of strings, each a JSON tool definition in OpenAI's form, that go
 *     with a conversation; null for none, as may be its value in a row
 * @param sampling the same for all rows
 * @param n samples of each prompt
 * @param maxInFlight most samples that one task has under way, or null for its part of twice as
 *     many as the replica works on at a time, which the tasks that feed it share, but never more
 *     than the replica works on; so the last task alone still keeps it full
 */
public record InferenceOptions(
    String promptColumn,
    PromptForm promptForm,
    String systemPrompt,
    String errorColumn,
    String toolsColumn,
    SamplingOptions sampling,
    int n,
    Integer maxInFlight)
    implements Serializable {

  public InferenceOptions {
    Objects.requireNonNull(promptColumn);
    Objects.requireNonNull(promptForm);
    Objects.requireNonNull(sampling);
    atLeastOne("n", n);
    if (maxInFlight != null) {
      atLeastOne("max_in_flight", maxInFlight);
    }
  }

  /** Without tools. */
  public InferenceOptions(
      String promptColumn,
      PromptForm promptForm,
      String systemPrompt,
      String errorColumn,
      SamplingOptions sampling,
      int n,
      Integer maxInFlight) {
    this(promptColumn, promptForm, systemPrompt, errorColumn, null, sampling, n, maxInFlight);
  }

  /** These options with a column of tools. */
  public InferenceOptions withTools(String column) {
    return new InferenceOptions(
        promptColumn, promptForm, systemPrompt, errorColumn, column, sampling, n, maxInFlight);
  }

  /** One sample of each prompt, everything else left to the model. */
  public static InferenceOptions of(String promptColumn, PromptForm promptForm) {
    return new InferenceOptions(
        promptColumn, promptForm, null, null, SamplingOptions.unset(), 1, null);
  }

  private static void atLeastOne(String name, int value) {
    if (value < 1) {
      throw new UserException(
          "Cannot generate with " + name + " = " + value,
          name + " must be at least 1",
          "Correct `" + name + "`");
    }
  }
}
