package io.qwark.engine.schedule;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.qwark.engine.api.Speculative;
import java.util.EnumSet;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Which tokens are guessed ahead, and what becomes of right and wrong guesses. */
class DraftTest {
  private static final int[] PROMPT = {1, 2, 3, 4, 5, 1, 2};

  private final Scheduler scheduler = scheduler(1024, new Speculative(3, 2, 2, 2));

  @Test
  void guessesAreComputedWithTheLastTokenEachOnItsOwn() {
    Sequence sequence = decoding(scheduler, 100, 3);
    StepPlan plan = scheduler.plan();
    assertEquals(List.of(new Run(sequence, 7, 4, true, 3, 0)), plan.runs());
    PackedStep step = plan.pack();
    // After "2 3" came "4 5 1".
    assertArrayEquals(new long[] {3, 4, 5, 1}, step.tokens());
    assertArrayEquals(new long[] {7, 8, 9, 10}, step.positions());
    assertArrayEquals(new long[] {0, 1, 0, 8, 1, 1, 0, 9, 2, 1, 0, 10, 3, 1, 0, 11}, step.spans());
    assertArrayEquals(new long[] {0, 4, 0, 11}, plan.packTogether().spans());
  }

  @Test
  void whatWasGuessedRightIsNotComputedAgain() {
    Sequence sequence = decoding(scheduler, 100, 3);
    scheduler.plan();
    // Two right ones, then another token than was guessed.
    append(sequence, 4, 5, 9);
    assertEquals(List.of(new Run(sequence, 10, 1, true)), scheduler.plan().runs());
    assertArrayEquals(new int[] {3, 4, 5, 9}, sequence.output());
  }

  @Test
  void afterThreeRightGuessesTheFourthTokenIsNew() {
    Sequence sequence = decoding(scheduler, 100, 3);
    scheduler.plan();
    append(sequence, 4, 5, 1, 7);
    assertEquals(List.of(new Run(sequence, 11, 1, true)), scheduler.plan().runs());
  }

  @Test
  void afterAWrongGuessItsSlotIsComputedAnew() {
    Sequence sequence = decoding(scheduler, 100, 3);
    scheduler.plan();
    append(sequence, 8);
    assertEquals(List.of(new Run(sequence, 8, 1, true)), scheduler.plan().runs());
  }

  @Test
  void guessesThatNobodyConfirmedAreForgotten() {
    Scheduler one = scheduler(1024, new Speculative(3, 2, 2, 1));
    Sequence sequence = decoding(one, 100, 3);
    one.plan();
    // Right, but the scores of the next guess were of no use.
    append(sequence, 4);
    one.add(sequence(100, EnumSet.noneOf(Shortcut.class)));
    assertEquals(new Run(sequence, 8, 1, true), one.plan().runs().get(0));
    // As it happens it is what was guessed two steps ago: it is not computed for all that.
    append(sequence, 5);
    assertEquals(new Run(sequence, 9, 1, true), one.plan().runs().get(0));
  }

  @Test
  void aTextThatRepeatsItselfInAShortCircleIsGuessedRoundAndRound() {
    Scheduler longer = scheduler(1024, new Speculative(5, 2, 2, 2));
    Sequence sequence = new Sequence(new int[] {6, 7, 6, 7}, 100);
    longer.add(sequence);
    longer.plan();
    append(sequence, 6);
    assertArrayEquals(new long[] {6, 7, 6, 7, 6, 7}, longer.plan().pack().tokens());
  }

  @Test
  void nothingIsGuessedWhileManyRun() {
    List<Sequence> three = IntStream.range(0, 3).mapToObj(i -> decoding(scheduler, 100)).toList();
    three.forEach(sequence -> sequence.append(3));
    assertEquals(3, scheduler.plan().pack().tokens().length);
    three.forEach(sequence -> sequence.append(4));
    scheduler.remove(three.get(0));
    assertEquals(2 * 4, scheduler.plan().pack().tokens().length);
  }

  @Test
  void nothingIsGuessedForThoseWhoseScoresDependOnTokensOtherwise() {
    Sequence sequence = sequence(100, EnumSet.of(Shortcut.PREFIX_REUSE));
    scheduler.add(sequence);
    scheduler.plan();
    sequence.append(3);
    assertEquals(List.of(new Run(sequence, 7, 1, true)), scheduler.plan().runs());
  }

  @Test
  void noMoreIsGuessedThanCanFollow() {
    Sequence sequence = decoding(scheduler, 11, 3);
    // Of 11 tokens 8 are there: two guesses yield the other three.
    assertEquals(List.of(new Run(sequence, 7, 3, true, 2, 0)), scheduler.plan().runs());
    append(sequence, 4, 5);
    assertEquals(List.of(new Run(sequence, 9, 1, true)), scheduler.plan().runs());
  }

  @Test
  void guessesUseOnlySlotsThatTheirSequenceHas() {
    Scheduler small = scheduler(16, new Speculative(8, 1, 1, 2));
    Sequence sequence = new Sequence(new int[] {5, 5, 5, 5, 5, 5, 5, 5}, 16);
    Sequence long15 = new Sequence(new int[] {5, 5, 5, 5}, 15);
    small.add(sequence);
    small.add(long15);
    assertEquals(1, small.plan().runs().size());
    append(sequence, 5);
    // 9 of 16 slots are taken and 6 guesses yield 7 tokens.
    assertEquals(List.of(new Run(sequence, 8, 7, true, 6, 0)), small.plan().runs());
    assertEquals(0, small.plan().preempted());
  }

  @Test
  void guessesComeLastInTheBudget() {
    Scheduler tight =
        new Scheduler(1024, 2, 2 + 4, PrefixReuse.NONE, new Speculative(9, 2, 2, 2), 1);
    Sequence first = new Sequence(new int[] {1, 2, 1, 2}, 100);
    tight.add(first);
    tight.plan();
    append(first, 1);
    Sequence second = new Sequence(new int[] {8, 8, 8, 8}, 100);
    tight.add(second);
    // One token, a prompt of four, and one token is left.
    assertEquals(
        List.of(new Run(first, 4, 2, true, 1, 0), new Run(second, 0, 4, true)),
        tight.plan().runs());
  }

  private static Sequence decoding(Scheduler scheduler, int maxLength, int... tokens) {
    Sequence sequence = sequence(maxLength, EnumSet.allOf(Shortcut.class));
    scheduler.add(sequence);
    scheduler.plan();
    append(sequence, tokens);
    return sequence;
  }

  private static Sequence sequence(int maxLength, EnumSet<Shortcut> shortcuts) {
    return new Sequence(PROMPT, maxLength, shortcuts);
  }

  private static void append(Sequence sequence, int... tokens) {
    for (int token : tokens) {
      sequence.append(token);
    }
  }

  private static Scheduler scheduler(int cacheTokens, Speculative speculative) {
    return new Scheduler(cacheTokens, 4, 64, PrefixReuse.NONE, speculative, 1);
  }
}
