package io.qwark.engine.schedule;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.qwark.engine.api.Speculative;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SchedulerTest {
  @Test
  void aPromptAndThenItsTokensOneByOne() {
    Scheduler scheduler = new Scheduler(1024, 4, 256);
    Sequence sequence = sequence(10, 20);
    scheduler.add(sequence);
    assertEquals(List.of(new Run(sequence, 0, 10, true)), scheduler.plan().runs());
    sequence.append(7);
    PackedStep step = scheduler.plan().pack();
    assertEquals(List.of(7L), boxed(step.tokens()));
    assertEquals(List.of(10L), boxed(step.positions()));
    assertEquals(List.of(0L, 1L, 0L, 11L), boxed(step.spans()));
  }

  @Test
  void newTokensComeBeforePrompts() {
    Scheduler scheduler = new Scheduler(4096, 4, 512 + 4);
    Sequence writing = sequence(10, 200);
    scheduler.add(writing);
    scheduler.plan();
    Sequence prompt = sequence(2000, 2100);
    scheduler.add(prompt);
    for (int chunk = 0; chunk < 3; chunk++) {
      writing.append(1);
      assertEquals(
          List.of(new Run(writing, 10 + chunk, 1, true), new Run(prompt, 512 * chunk, 512, false)),
          scheduler.plan().runs());
    }
    writing.append(1);
    assertEquals(new Run(prompt, 1536, 464, true), scheduler.plan().runs().get(1));
  }

  @Test
  void promptsAreCutAtTheSamePlacesWhateverElseRuns() {
    Scheduler busy = new Scheduler(65536, 64, 600 + 64);
    for (int i = 0; i < 40; i++) {
      busy.add(sequence(30, 400));
    }
    Sequence among = sequence(1700, 1800);
    busy.add(among);
    Scheduler idle = new Scheduler(65536, 64, 600 + 64);
    Sequence alone = sequence(1700, 1800);
    idle.add(alone);
    assertEquals(cuts(idle, alone), cuts(busy, among));
  }

  @Test
  void chunksShrinkWithTheContextSoThatTheirMasksStayBounded() {
    Chunking chunking = new Chunking(2048);
    int from = 0;
    while (from < 262_144) {
      int end = chunking.end(from, 262_144);
      assertTrue((long) (end - from) * end <= 1 << 24, from + " to " + end);
      from = end;
    }
  }

  @Test
  void onlyAsManyRunAsAllowedAndFirstComeFirstServed() {
    Scheduler scheduler = new Scheduler(4096, 2, 256);
    List<Sequence> sequences = IntStream.range(0, 4).mapToObj(i -> sequence(5, 50)).toList();
    sequences.forEach(scheduler::add);
    assertEquals(
        sequences.subList(0, 2), scheduler.plan().runs().stream().map(Run::sequence).toList());
    assertEquals(2, scheduler.waiting());
    scheduler.remove(sequences.get(0));
    sequences.get(1).append(1);
    assertEquals(
        sequences.subList(1, 3), scheduler.plan().runs().stream().map(Run::sequence).toList());
  }

  @Test
  void theYoungestGivesWayAndItsTokensAreComputedAnewAsTheFirstTime() {
    Scheduler scheduler = new Scheduler(256, 4, 256);
    Sequence old = sequence(60, 200);
    Sequence young = sequence(60, 200);
    scheduler.add(old);
    scheduler.add(young);
    int preempted = 0;
    StepPlan plan = scheduler.plan();
    while (preempted == 0) {
      plan.runs().forEach(run -> run.sequence().append(1));
      plan = scheduler.plan();
      preempted = plan.preempted();
    }
    assertEquals(List.of(old), plan.runs().stream().map(Run::sequence).toList());
    int length = young.length();
    assertTrue(length > 61);
    scheduler.remove(old);
    assertEquals(List.of(new Run(young, 0, 60, false)), scheduler.plan().runs());
    StepPlan replay = scheduler.plan();
    assertEquals(List.of(new Run(young, 60, length - 60, true)), replay.runs());
    // Each generated token attends on its own, to all before it.
    long[] spans = replay.pack().spans();
    assertEquals(4 * (length - 60), spans.length);
    for (int i = 0; i < length - 60; i++) {
      assertEquals(1, spans[4 * i + 1]);
      assertEquals(61 + i, spans[4 * i + 3]);
    }
  }

  /** Without the headroom that it learns to leave, the same work takes six times the tokens. */
  @Test
  void littleIsComputedAnewWhenTheCacheIsSmall() {
    Random random = new Random(5);
    Scheduler scheduler = new Scheduler(40_000, 64, 2048);
    long computed = 0;
    long needed = 0;
    int left = 200;
    for (int i = 0; i < left; i++) {
      Sequence sequence = sequence(16 + random.nextInt(512), 530 + random.nextInt(4000));
      needed += sequence.maxLength();
      scheduler.add(sequence);
    }
    while (left > 0) {
      for (Run run : scheduler.plan().runs()) {
        computed += run.count();
        if (run.reachesEnd()) {
          run.sequence().append(1);
          if (run.sequence().full()) {
            scheduler.remove(run.sequence());
            left--;
          }
        }
      }
    }
    assertTrue(computed < 1.5 * needed, computed + " of " + needed);
  }

  @Test
  void whatLiesInTheMiddleOfTheCacheCanStillTakeAllOfIt() {
    Scheduler scheduler = new Scheduler(1000, 4, 260);
    Sequence before = sequence(100, 160);
    Sequence middle = sequence(100, 1000);
    scheduler.add(before);
    scheduler.add(middle);
    scheduler.plan();
    scheduler.remove(before);
    middle.append(1);
    while (!middle.full()) {
      StepPlan plan = scheduler.plan();
      assertEquals(0, plan.preempted());
      assertEquals(List.of(new Run(middle, middle.length() - 1, 1, true)), plan.runs());
      middle.append(1);
    }
  }

  @Test
  void afterMovesThatMayHaveBeenMadeInPartNothingInTheCacheIsUsed() {
    Scheduler scheduler = new Scheduler(1024, 2, 2 + 128, PrefixReuse.ANY, null, 1);
    Sequence kept = sequence(64, 70);
    scheduler.add(kept);
    scheduler.plan();
    scheduler.remove(kept);
    assertEquals(64, scheduler.retainedCacheTokens());
    Sequence taker = new Sequence(new int[80], 90, Set.of());
    Sequence copier = sequence(40, 50);
    scheduler.add(taker);
    scheduler.add(copier);
    StepPlan plan = scheduler.plan();
    assertEquals(39, plan.moves().get(0).count());
    scheduler.failed(plan);
    assertEquals(0, scheduler.running() + scheduler.waiting());
    assertEquals(0, scheduler.retainedCacheTokens());
    assertEquals(1024, scheduler.freeCacheTokens());
  }

  @Test
  void aSequenceThatCanNeverFitIsABug() {
    Scheduler scheduler = new Scheduler(128, 4, 256);
    assertThrows(IllegalArgumentException.class, () -> scheduler.add(sequence(60, 129)));
  }

  @ParameterizedTest
  @CsvSource({
    "1, NONE, 0, 1",
    "2, NONE, 0, 1",
    "3, NONE, 3, 1",
    "4, NONE, 5, 1",
    "1, WHOLE_CHUNKS, 0, 1",
    "2, WHOLE_CHUNKS, 0, 1",
    "3, WHOLE_CHUNKS, 3, 1",
    "5, WHOLE_CHUNKS, 5, 1",
    "1, ANY, 0, 1",
    "2, ANY, 0, 1",
    "3, ANY, 0, 1",
    "4, ANY, 0, 1",
    "5, ANY, 1, 1",
    "6, ANY, 3, 1",
    "7, ANY, 20, 1",
    "8, NONE, 0, 2",
    "9, WHOLE_CHUNKS, 0, 16",
    "10, ANY, 0, 7",
    "11, ANY, 0, 100",
    "12, ANY, 3, 16",
    "13, SHARED, 0, 1",
    "14, SHARED, 0, 1",
    "15, SHARED, 0, 1",
    "16, SHARED, 0, 1",
    "17, SHARED, 3, 1",
    "18, SHARED, 20, 1",
    "19, SHARED, 0, 7",
    "20, SHARED, 3, 16"
  })
  void everySequenceEndsAndAlwaysFindsItsOwnTokens(
      long seed, PrefixReuse reuse, int drafts, int ahead) {
    Random random = new Random(seed);
    int capacity = 300 + random.nextInt(600);
    int maxNumSeqs = 1 + random.nextInt(12);
    int budget = 64 + random.nextInt(200);
    Speculative speculative = drafts == 0 ? null : new Speculative(drafts, 2, 1, 5);
    Scheduler scheduler = new Scheduler(capacity, maxNumSeqs, budget, reuse, speculative, ahead);
    boolean cutsMatter = reuse == PrefixReuse.NONE || reuse == PrefixReuse.WHOLE_CHUNKS;
    PlayedCache cache =
        new PlayedCache(capacity, cutsMatter ? new Chunking(budget - maxNumSeqs) : null);
    Set<Sequence> left = new LinkedHashSet<>();
    int steps = 0;
    int reused = 0;
    int guessed = 0;
    int decodedAhead = 0;
    int sharing = 0;
    int total = 120;
    while (total > 0 || !left.isEmpty()) {
      if (total > 0 && random.nextInt(3) == 0) {
        Sequence sequence = randomSequence(random, capacity);
        left.add(sequence);
        scheduler.add(sequence);
        total--;
      }
      StepPlan plan = scheduler.plan();
      reused += plan.reused();
      if (random.nextInt(40) == 0) {
        // The step fails, and nobody knows what it has left in its slots.
        cache.fail(plan, random);
        scheduler.failed(plan);
        plan.runs().forEach(run -> left.remove(run.sequence()));
        continue;
      }
      cache.carryOut(plan);
      for (Run run : plan.runs()) {
        guessed += run.drafts();
        if (run.reachesEnd()) {
          if (plan.steps() > 1) {
            decodedAhead += goAhead(run, cache, random);
          } else {
            goOn(run, random);
          }
          if (run.sequence().full() || random.nextInt(60) == 0) {
            scheduler.remove(run.sequence());
            left.remove(run.sequence());
          }
        }
      }
      if (!left.isEmpty() && random.nextInt(30) == 0) {
        Sequence cancelled = List.copyOf(left).get(random.nextInt(left.size()));
        scheduler.remove(cancelled);
        left.remove(cancelled);
      }
      sharing += Holdings.check(scheduler, left);
      assertTrue(steps++ < 20_000, "no end in sight");
    }
    assertEquals(capacity, scheduler.freeCacheTokens());
    assertEquals(reuse != PrefixReuse.NONE, reused > 0);
    assertEquals(drafts > 0, guessed > 0);
    assertEquals(ahead > 1, decodedAhead > 0);
    assertEquals(reuse == PrefixReuse.SHARED, sharing > 0);
  }

  /** As many tokens as there may be, or fewer, and then sometimes none at all. */
  private static int goAhead(Run run, PlayedCache cache, Random random) {
    Sequence sequence = run.sequence();
    int most = 1 + run.ahead();
    int count = random.nextInt(4) > 0 ? most : random.nextInt(most + 1);
    int[] tokens = random.ints(count, 0, 5).toArray();
    int[] computed = Arrays.copyOf(tokens, Math.max(0, count - 1));
    cache.decode(run, computed);
    sequence.computedAhead(computed);
    Arrays.stream(tokens).forEach(sequence::append);
    if (count < most) {
      sequence.undecided();
    }
    return computed.length;
  }

  /** Some guesses turn out right, and not all that are right are used. */
  private static void goOn(Run run, Random random) {
    Sequence sequence = run.sequence();
    boolean right = true;
    for (int i = run.end() - run.drafts(); i <= run.end() && right; i++) {
      int guess = i < run.end() ? sequence.token(i) : -1;
      int next = random.nextInt(4) > 0 ? guess : random.nextInt(5);
      sequence.append(next < 0 ? random.nextInt(5) : next);
      right = next == guess && random.nextInt(8) > 0;
    }
  }

  /** One of a few beginnings, then something of its own. */
  private static Sequence randomSequence(Random random, int capacity) {
    int[] prompt = new int[1 + random.nextInt(200)];
    int common = random.nextInt(prompt.length + 50);
    int beginning = random.nextInt(3);
    Arrays.setAll(prompt, i -> i < common ? beginning + i : random.nextInt(1000));
    return new Sequence(prompt, Math.min(capacity, prompt.length + 1 + random.nextInt(90)));
  }

  private static List<Integer> cuts(Scheduler scheduler, Sequence watched) {
    List<Integer> cuts = new ArrayList<>();
    while (watched.generated() == 0) {
      for (Run run : scheduler.plan().runs()) {
        if (run.sequence() == watched) {
          cuts.add(run.end());
        }
        if (run.reachesEnd()) {
          run.sequence().append(1);
        }
      }
    }
    return cuts;
  }

  private static Sequence sequence(int prompt, int maxLength) {
    return new Sequence(new int[prompt], maxLength);
  }

  private static List<Long> boxed(long[] values) {
    return Arrays.stream(values).boxed().toList();
  }
}
