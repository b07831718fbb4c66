package io.qwark.udf;

import io.qwark.engine.api.Completion;
import io.qwark.engine.api.ErrorCode;
import io.qwark.engine.api.Generation;
import io.qwark.engine.api.Timings;
import io.qwark.engine.api.TokenLogprob;
import java.util.List;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;

/** Outcomes to rows of {@link GenerationSchema#TYPE}. */
final class GenerationRows {

  private GenerationRows() {}

  static Row ok(int sampleIndex, long seed, Generation generation) {
    Completion completion = generation.completion();
    Timings timings = completion.timings();
    return RowFactory.create(
        sampleIndex,
        GenerationSchema.OK,
        null,
        null,
        completion.finishReason().wireName(),
        generation.reasoning(),
        generation.answer(),
        generation.text(),
        generation.promptTokens(),
        completion.tokenIds().length,
        seed,
        timings.queueMs(),
        timings.firstTokenMs(),
        timings.totalMs(),
        completion.tokenIds(),
        completion.logprobs(),
        candidates(completion.topLogprobs()),
        nullForFirst(completion.promptLogprobs()));
  }

  static Row error(int sampleIndex, ErrorCode code, String message) {
    Object[] values = new Object[GenerationSchema.TYPE.size()];
    values[0] = sampleIndex;
    values[1] = GenerationSchema.ERROR;
    values[2] = code.name();
    values[3] = message;
    return RowFactory.create(values);
  }

  /** The row as it came in, with the generation as its last column. */
  static Row append(Row row, Row generation) {
    Object[] values = new Object[row.size() + 1];
    for (int i = 0; i < row.size(); i++) {
      values[i] = row.get(i);
    }
    values[row.size()] = generation;
    return RowFactory.create(values);
  }

  /** Nothing comes before a prompt's first token, so it has no probability. */
  private static Float[] nullForFirst(float[] logprobs) {
    if (logprobs == null) {
      return null;
    }
    Float[] values = new Float[logprobs.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = Float.isNaN(logprobs[i]) ? null : Float.valueOf(logprobs[i]);
    }
    return values;
  }

  private static Row[][] candidates(List<List<TokenLogprob>> positions) {
    if (positions == null) {
      return null;
    }
    return positions.stream()
        .map(
            position ->
                position.stream()
                    .map(c -> RowFactory.create(c.tokenId(), c.logprob()))
                    .toArray(Row[]::new))
        .toArray(Row[][]::new);
  }
}
