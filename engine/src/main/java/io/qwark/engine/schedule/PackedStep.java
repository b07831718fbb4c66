package io.qwark.engine.schedule;

import java.util.List;
import java.util.function.ToIntFunction;
import java.util.stream.LongStream;

/**
 * The tokens of a step, packed one after the other, as a model takes them.
 *
 * @param tokens (T) ids
 * @param positions (T) index of each token in its sequence
 * @param slots (T) place of each token in the cache; sequences begin at multiples of {@link
 *     #SLOT_ALIGNMENT}
 * @param spans four numbers for each run of queries that attend together: first row, rows, first
 *     slot of the sequence, and tokens of the sequence up to and including the run
 * @param shared two numbers for each of these: first slot of the sequence's first tokens where they
 *     lie somewhere else, for others as well, and how many these are, a multiple of {@link
 *     #SHARED_BLOCK}; the third number of the span is then what adding a position to gives the slot
 *     of any other token
 * @param ends (runs) row of each run's last token
 * @param scored rows, ascending, whose scores may be asked for; of others a model may compute keys
 *     and values alone
 */
public record PackedStep(
    long[] tokens,
    long[] positions,
    long[] slots,
    long[] spans,
    long[] shared,
    long[] ends,
    long[] scored) {
  /** Where sequences begin, are cut and are moved to is a multiple of this, see cache.h. */
  public static final int SLOT_ALIGNMENT = 16;

  /** As many tokens are shared as whole blocks of them have, see attention.h. */
  public static final int SHARED_BLOCK = 64;

  /**
   * @param together how many of a run's first tokens attend together; the others do one by one
   */
  static PackedStep of(List<Run> runs, ToIntFunction<Run> together) {
    int total = runs.stream().mapToInt(Run::count).sum();
    int spanCount = runs.stream().mapToInt(r -> spans(r, together.applyAsInt(r))).sum();
    PackedStep step =
        new PackedStep(
            new long[total],
            new long[total],
            new long[total],
            new long[4 * spanCount],
            new long[2 * spanCount],
            new long[runs.size()],
            LongStream.range(0, total).toArray());
    int row = 0;
    int span = 0;
    for (int r = 0; r < runs.size(); r++) {
      Run run = runs.get(r);
      span = step.addSpans(run, together.applyAsInt(run), row, span);
      row = step.addTokens(run, row);
      step.ends[r] = row - 1L;
    }
    return step;
  }

  /** The same step of which only some rows are scored. */
  public PackedStep scoring(long[] rows) {
    return new PackedStep(tokens, positions, slots, spans, shared, ends, rows);
  }

  private int addTokens(Run run, int firstRow) {
    Sequence sequence = run.sequence();
    int row = firstRow;
    for (int i = run.from(); i < run.end(); i++, row++) {
      tokens[row] = sequence.token(i);
      positions[row] = i;
      slots[row] = sequence.place().slot(i);
    }
    return row;
  }

  private int addSpans(Run run, int together, int firstRow, int firstSpan) {
    Place place = run.sequence().place();
    int span = firstSpan;
    if (together > 0) {
      span = put(span, firstRow, together, place, run.from() + together);
    }
    for (int i = together; i < run.count(); i++) {
      span = put(span, firstRow + i, 1, place, run.from() + i + 1);
    }
    return span;
  }

  private int put(int span, int row, int rows, Place place, int length) {
    spans[4 * span] = row;
    spans[4 * span + 1] = rows;
    spans[4 * span + 2] = place.start();
    spans[4 * span + 3] = length;
    shared[2 * span] = place.shared() == 0 ? 0 : place.slot(0);
    shared[2 * span + 1] = place.shared();
    return span + 1;
  }

  private static int spans(Run run, int together) {
    return run.count() - together + (together > 0 ? 1 : 0);
  }
}
