package io.qwark.engine.schedule;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Beginnings that lie in the cache once, and who holds which of their slots. */
@Timeout(60)
class SharedBeginningsTest {
  private static final int CACHE = 4096;
  private static final int SEQUENCES = 8;

  /** Output tokens of each sequence. */
  private static final int OUTPUT = 24;

  private final Scheduler scheduler = scheduler(CACHE);

  @Test
  void samplesOfALongPromptHoldItOnce() {
    List<Sequence> samples =
        running(Stream.generate(() -> sequence(200, 200)).limit(8).toArray(Sequence[]::new));
    // 200 + 24 tokens; the others share 192 of them, and 32 are their own.
    assertEquals(CACHE - 224 - 7 * 32, scheduler.freeCacheTokens());
    Beginning beginning = samples.get(0).place().beginning();
    assertEquals(192, beginning.extent().capacity());
    samples.forEach(sample -> assertSame(beginning, sample.place().beginning()));
    samples.forEach(scheduler::remove);
    assertEquals(CACHE, scheduler.freeCacheTokens());
    assertEquals(208, scheduler.retainedCacheTokens());
  }

  /** Eight copies would need 1664 slots. */
  @Test
  void soManyRunAsHaveRoomBesideTheOnePrompt() {
    Scheduler small = scheduler(480);
    List<Sequence> samples =
        running(small, Stream.generate(() -> sequence(200, 200)).limit(8).toArray(Sequence[]::new));
    assertEquals(samples, small.plan().runs().stream().map(Run::sequence).toList());
  }

  @Test
  void onlyWhatIsBeyondWholeBlocksIsCopied() {
    List<Sequence> two = running(sequence(200, 200), sequence(210, 150));
    Place first = two.get(0).place();
    Place second = two.get(1).place();
    assertEquals(128, second.shared());
    assertEquals(first.slot(0), second.slot(0));
    assertEquals(first.slot(127), second.slot(127));
    assertNotEquals(first.slot(128), second.slot(128));
  }

  @Test
  void whatEndsWithABlockIsNotCopiedAtAll() {
    assertEquals(1, running(sequence(200, 200)).size());
    scheduler.add(sequence(220, 192));
    StepPlan plan = scheduler.plan();
    assertEquals(192, plan.reused());
    assertEquals(List.of(), plan.moves());
    scheduler.add(sequence(221, 193));
    plan = scheduler.plan();
    assertEquals(List.of(1), plan.moves().stream().map(CacheMove::count).toList());
  }

  @ParameterizedTest
  @CsvSource({"63, 0", "64, 64", "65, 64", "127, 64", "128, 128", "199, 192"})
  void asManyTokensAreSharedAsWholeBlocksHave(int common, int shared) {
    List<Sequence> two = running(sequence(200, 200), sequence(230, common));
    assertEquals(shared, two.get(1).place().shared());
    assertEquals(shared > 0, two.get(0).place().beginning() != null);
  }

  @Test
  void theStepTellsWhereTheBeginningLies() {
    List<Sequence> two = running(sequence(70, 70), sequence(80, 66));
    StepPlan plan = scheduler.plan();
    PackedStep step = plan.pack();
    Place first = two.get(0).place();
    Place second = two.get(1).place();
    assertEquals(first, plan.runs().get(0).sequence().place());
    assertArrayEquals(
        new long[] {0, 1, first.extent().start() - 64, 71, 1, 1, second.extent().start() - 64, 81},
        step.spans());
    long beginning = first.beginning().extent().start();
    assertArrayEquals(new long[] {beginning, 64, beginning, 64}, step.shared());
    assertArrayEquals(
        new long[] {first.extent().start() + 70 - 64, second.extent().start() + 80 - 64},
        step.slots());
  }

  @Test
  void aBeginningBecomesLongerWhereItIsWhileOthersUseLessOfIt() {
    Sequence first = sequence(200, 200);
    List<Sequence> all = running(first, sequence(210, 70), sequence(220, 190));
    assertEquals(
        List.of(128, 64, 128), all.stream().map(sequence -> sequence.place().shared()).toList());
    assertEquals(128, first.place().beginning().extent().capacity());
  }

  /** The second one has less of the beginning than the third could use of it. */
  @Test
  void whatASharerHasBeyondTheBeginningIsCopied() {
    Sequence first = sequence(200, 70);
    Sequence second = sequence(210, 70);
    List<Sequence> two = running(first, second);
    int[] same = IntStream.range(0, 200).map(i -> two.get(1).token(i)).toArray();
    Sequence third = new Sequence(same, 210);
    scheduler.add(third);
    StepPlan plan = scheduler.plan();
    assertEquals(64, third.place().shared());
    assertEquals(
        List.of(new CacheMove(second.place().slot(64), third.place().slot(64), 199 - 64)),
        plan.moves());
  }

  @Test
  void aBeginningIsNoLongerThanTheOneThatUsesMostOfIt() {
    Sequence longest = sequence(200, 200);
    List<Sequence> three = running(longest, sequence(211, 192), sequence(210, 100));
    Beginning beginning = longest.place().beginning();
    assertEquals(192, beginning.extent().capacity());
    scheduler.discard(longest);
    assertEquals(192, beginning.extent().capacity());
    scheduler.discard(three.get(1));
    assertEquals(64, beginning.extent().capacity());
    assertEquals(
        CACHE - 64 - three.get(2).place().extent().capacity(), scheduler.freeCacheTokens());
    scheduler.discard(three.get(2));
    assertEquals(CACHE, scheduler.freeCacheTokens());
    assertEquals(0, scheduler.retainedCacheTokens());
  }

  @Test
  void whatNobodyWorksOnIsKeptWithItsBeginningUntilItsSpaceIsNeeded() {
    Scheduler small = scheduler(512);
    List<Sequence> two = running(small, sequence(200, 200), sequence(210, 192));
    small.remove(two.get(0));
    // 8 tokens behind the beginning, in 16 slots; the beginning is in use.
    assertEquals(16, small.retainedCacheTokens());
    small.remove(two.get(1));
    assertEquals(16 + 32 + 192, small.retainedCacheTokens());
    assertEquals(512, small.freeCacheTokens());
    Sequence large = sequence(480, 0);
    small.add(large);
    small.plan();
    assertEquals(0, small.retainedCacheTokens());
  }

  @Test
  void aKeptPromptIsTakenOverWithItsBeginning() {
    List<Sequence> two = running(sequence(200, 200), sequence(210, 192));
    Place kept = two.get(0).place();
    scheduler.remove(two.get(0));
    Sequence again = sequence(200, 200);
    scheduler.add(again);
    StepPlan plan = scheduler.plan();
    assertEquals(List.of(), plan.moves());
    assertEquals(199, plan.reused());
    assertEquals(kept.beginning(), again.place().beginning());
    assertEquals(0, scheduler.retainedCacheTokens());
  }

  /** Its last token is computed again, and must not be written where others read it. */
  @Test
  void aKeptPromptOfWholeBlocksIsNotTakenOver() {
    List<Sequence> two = running(sequence(128, 128), sequence(210, 128));
    Place first = two.get(0).place();
    scheduler.discard(two.get(1));
    scheduler.remove(two.get(0));
    assertEquals(0, first.extent().capacity());
    assertEquals(128, scheduler.retainedCacheTokens());
    Sequence again = sequence(128, 128);
    scheduler.add(again);
    StepPlan plan = scheduler.plan();
    assertEquals(127, plan.reused());
    assertEquals(64, again.place().shared());
    assertEquals(List.of(63), plan.moves().stream().map(CacheMove::count).toList());
  }

  @Test
  void whereTheModelCannotEveryoneHasACopy() {
    Scheduler copying = new Scheduler(CACHE, SEQUENCES, SEQUENCES + 64, PrefixReuse.ANY, null, 1);
    List<Sequence> two = running(copying, sequence(200, 200), sequence(200, 200));
    two.forEach(sequence -> assertNull(sequence.place().beginning()));
  }

  @Test
  void nobodyGoesAheadWhileABeginningIsShared() {
    Scheduler ahead = new Scheduler(CACHE, 2, 2 + 64, PrefixReuse.SHARED, null, 8);
    List<Sequence> two = running(ahead, sequence(200, 200), sequence(200, 200));
    assertEquals(1, mostSteps(ahead));
    two.forEach(ahead::discard);
    assertEquals(2, running(ahead, sequence(200, 0), sequence(201, 0)).size());
    assertEquals(8, mostSteps(ahead));
  }

  /** Of the next calls, each of which yields a token. */
  private static int mostSteps(Scheduler scheduler) {
    int most = 0;
    for (int i = 0; i < 5; i++) {
      StepPlan plan = scheduler.plan();
      most = Math.max(most, plan.steps());
      plan.runs().forEach(run -> run.sequence().append(1));
    }
    return most;
  }

  private static Scheduler scheduler(int capacity) {
    return new Scheduler(capacity, SEQUENCES, SEQUENCES + 64, PrefixReuse.SHARED, null, 1);
  }

  private List<Sequence> running(Sequence... sequences) {
    return running(scheduler, sequences);
  }

  /** One after the other, each up to the first token of its output. */
  private static List<Sequence> running(Scheduler scheduler, Sequence... sequences) {
    for (Sequence sequence : sequences) {
      scheduler.add(sequence);
      while (sequence.generated() == 0) {
        for (Run run : scheduler.plan().runs()) {
          if (run.sequence() == sequence && run.reachesEnd()) {
            sequence.append(1);
          }
        }
      }
    }
    return List.of(sequences);
  }

  private static Sequence sequence(int length, int common) {
    int[] tokens = new int[length];
    Arrays.setAll(tokens, i -> i < common ? i : 10_000 * length + i);
    return new Sequence(tokens, length + OUTPUT);
  }
}
