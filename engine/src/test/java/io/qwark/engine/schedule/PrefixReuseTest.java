package io.qwark.engine.schedule;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Who takes which beginning from whom, and what is kept of those who have gone. */
class PrefixReuseTest {
  private static final int CACHE = 4096;

  /** Prompts are cut every 64 tokens. */
  private static final int SEQUENCES = 8;

  private static final int BUDGET = SEQUENCES + 64;

  private final Scheduler scheduler = scheduler(CACHE, PrefixReuse.ANY);

  @Test
  void samplesOfOnePromptWaitForTheFirstAndComputeTheirLastTokenAlone() {
    List<Sequence> samples = IntStream.range(0, 4).mapToObj(i -> sequence(50, 50)).toList();
    samples.forEach(scheduler::add);
    assertEquals(List.of(new Run(samples.get(0), 0, 50, true)), scheduler.plan().runs());
    assertEquals(3, scheduler.waiting());
    samples.get(0).append(1);
    StepPlan plan = scheduler.plan();
    assertEquals(
        List.of(
            new Run(samples.get(0), 50, 1, true),
            new Run(samples.get(1), 49, 1, true),
            new Run(samples.get(2), 49, 1, true),
            new Run(samples.get(3), 49, 1, true)),
        plan.runs());
    assertEquals(3 * 49, plan.reused());
    assertEquals(List.of(49, 49, 49), plan.moves().stream().map(CacheMove::count).toList());
    int target = samples.get(1).place().extent().start();
    assertEquals(new CacheMove(0, target, 49), plan.moves().get(0));
  }

  @Test
  void aCommonBeginningOfManyIsComputedOnce() {
    Scheduler large = new Scheduler(100_000, 64, 2048, PrefixReuse.ANY, null, 1);
    IntStream.range(0, 64).forEach(i -> large.add(sequence(1032 + i, 1000)));
    int computed = 0;
    int steps = 0;
    while (large.waiting() > 0) {
      StepPlan plan = large.plan();
      computed += plan.runs().stream().mapToInt(Run::promptTokens).sum();
      plan.runs().stream().filter(Run::reachesEnd).forEach(run -> run.sequence().append(1));
      steps++;
    }
    // One beginning, and 64 ends of 32 to 95 tokens.
    assertEquals(1000 + IntStream.range(0, 64).map(i -> 32 + i).sum(), computed);
    // Two chunks of the first, and then what fits into two steps.
    assertTrue(steps <= 5, "steps: " + steps);
  }

  @Test
  void othersPassWhileOneWaits() {
    Sequence first = sequence(200, 200);
    Sequence alike = sequence(200, 150);
    Sequence other = sequence(5, 0);
    scheduler.add(first);
    scheduler.add(alike);
    scheduler.add(other);
    // 64 tokens of the first, and what is left of the budget.
    assertEquals(List.of(first, other), sequences(scheduler.plan()));
    other.append(1);
    assertEquals(List.of(other, first), sequences(scheduler.plan()));
    other.append(1);
    assertEquals(List.of(other, first), sequences(scheduler.plan()));
    Sequence last = sequence(5, 0);
    scheduler.add(last);
    other.append(1);
    StepPlan plan = scheduler.plan();
    assertEquals(150, plan.reused());
    assertTrue(plan.runs().contains(new Run(alike, 150, 50, true)), plan.toString());
    assertEquals(List.of(other, first, alike, last), sequences(plan));
  }

  @Test
  void oneThatWaitedIsComputedIfTheOtherFails() {
    Sequence first = sequence(200, 200);
    Sequence alike = sequence(200, 150);
    scheduler.add(first);
    scheduler.plan();
    scheduler.add(alike);
    assertEquals(List.of(first), sequences(scheduler.plan()));
    scheduler.discard(first);
    assertEquals(CACHE, scheduler.freeCacheTokens());
    assertEquals(0, scheduler.retainedCacheTokens());
    assertEquals(List.of(new Run(alike, 0, 64, false)), scheduler.plan().runs());
  }

  @Test
  void oneThatWaitedTakesOverWhatACancelledOneHadComputed() {
    Sequence first = sequence(200, 200);
    Sequence alike = sequence(200, 150);
    scheduler.add(first);
    scheduler.plan();
    scheduler.add(alike);
    scheduler.plan();
    scheduler.remove(first);
    assertEquals(CACHE, scheduler.freeCacheTokens());
    assertEquals(128, scheduler.retainedCacheTokens());
    StepPlan plan = scheduler.plan();
    assertEquals(List.of(new Run(alike, 128, 64, false)), plan.runs());
    assertEquals(128, plan.reused());
    assertEquals(List.of(), plan.moves());
    assertEquals(0, alike.place().extent().start());
    assertEquals(0, scheduler.retainedCacheTokens());
  }

  @Test
  void nobodyWaitsForAYoungerOne() {
    Sequence filling = sequence(CACHE - 64, 0);
    scheduler.add(filling);
    scheduler.plan();
    Sequence older = sequence(200, 200);
    scheduler.add(older);
    scheduler.plan();
    assertEquals(1, scheduler.waiting());
    Sequence younger = sequence(30, 30);
    scheduler.add(younger);
    scheduler.remove(filling);
    // Both fit now; the older one is admitted first and the younger one waits for it.
    assertEquals(List.of(new Run(older, 0, 64, false)), scheduler.plan().runs());
    StepPlan plan = scheduler.plan();
    assertTrue(plan.runs().contains(new Run(younger, 29, 1, true)), plan.toString());
  }

  @Test
  void aFewTokensInCommonAreNotWorthIt() {
    scheduler.add(sequence(30, 15));
    scheduler.add(sequence(31, 15));
    StepPlan plan = scheduler.plan();
    assertEquals(2, plan.runs().size());
    assertEquals(0, plan.reused());
  }

  @Test
  void thoseWhoseCutsMatterTakeWholeChunksAlone() {
    Scheduler careful = scheduler(CACHE, PrefixReuse.WHOLE_CHUNKS);
    careful.add(sequence(150, 150));
    careful.add(sequence(140, 139));
    careful.add(sequence(128, 128));
    careful.add(sequence(63, 63));
    // Chunks of 64: 0 to 64, 64 to 128, and one that the prompt's end cuts short.
    assertEquals(List.of(64), counts(careful.plan()));
    assertEquals(List.of(64), counts(careful.plan()));
    StepPlan plan = careful.plan();
    assertEquals(128, plan.reused());
    assertEquals(List.of(22, 12), counts(plan));
    plan.runs().forEach(run -> careful.remove(run.sequence()));
    plan = careful.plan();
    assertEquals(64, plan.reused());
    // The third computes its second chunk, which is whole but has the token that it needs; the
    // fourth has no whole chunk at all.
    assertEquals(List.of(64), counts(plan));
    assertEquals(0, careful.plan().reused());
    assertEquals(0, careful.waiting());
  }

  @Test
  void thoseThatNeedAllScoresTakeNothingButGive() {
    Sequence scored = new Sequence(tokens(50, 50), 60, EnumSet.noneOf(Shortcut.class));
    scheduler.add(sequence(50, 50));
    scheduler.plan();
    scheduler.add(scored);
    assertTrue(scheduler.plan().runs().contains(new Run(scored, 0, 50, true)));
    Scheduler another = scheduler(CACHE, PrefixReuse.ANY);
    another.add(new Sequence(tokens(50, 50), 60, EnumSet.noneOf(Shortcut.class)));
    another.plan();
    another.add(sequence(50, 50));
    assertEquals(49, another.plan().reused());
  }

  @Test
  void whatIsKeptCountsAsFreeAndIsKeptOnce() {
    for (int i = 0; i < 3; i++) {
      scheduler.add(sequence(50, 50));
    }
    scheduler.add(sequence(70, 0));
    finishAll(scheduler);
    assertEquals(CACHE, scheduler.freeCacheTokens());
    // Rounded up to slots: 64 for the three, 80 for the one.
    assertEquals(64 + 80, scheduler.retainedCacheTokens());
    scheduler.add(sequence(50, 50));
    assertEquals(49, scheduler.plan().reused());
    assertEquals(80, scheduler.retainedCacheTokens());
  }

  @Test
  void theCommonBeginningOfManyStaysBecauseItIsUsed() {
    Scheduler small = scheduler(1024, PrefixReuse.ANY);
    for (int i = 0; i < 30; i++) {
      small.add(sequence(200 + i, 160));
      finishAll(small);
      small.add(sequence(200 + i, 0));
      int reused = small.plan().reused();
      finishAll(small);
      assertEquals(0, reused);
      small.add(sequence(230 + i, 160));
      assertEquals(160, small.plan().reused());
      finishAll(small);
    }
    assertEquals(1024, small.freeCacheTokens());
  }

  @Test
  void keptBeginningsGoBeforeAnybodyIsTurnedAwayOrPreempted() {
    Scheduler small = scheduler(512, PrefixReuse.ANY);
    for (int i = 0; i < 4; i++) {
      small.add(sequence(100 + i, 0));
      finishAll(small);
    }
    assertTrue(small.retainedCacheTokens() >= 300);
    Sequence large = new Sequence(tokens(250, 0), 512);
    small.add(large);
    while (!large.full()) {
      StepPlan plan = small.plan();
      assertEquals(0, plan.preempted());
      assertEquals(1, plan.runs().size());
      plan.runs().stream().filter(Run::reachesEnd).forEach(run -> run.sequence().append(1));
    }
    assertEquals(0, small.freeCacheTokens());
    assertEquals(0, small.retainedCacheTokens());
  }

  @Test
  void aPreemptedOneFindsItsOwnPromptAgain() {
    Scheduler small = scheduler(256, PrefixReuse.ANY);
    Sequence old = new Sequence(tokens(60, 0), 200);
    Sequence young = new Sequence(tokens(61, 0), 200);
    small.add(old);
    small.add(young);
    StepPlan plan = small.plan();
    while (plan.preempted() == 0) {
      plan.runs().stream().filter(Run::reachesEnd).forEach(run -> run.sequence().append(1));
      plan = small.plan();
    }
    assertEquals(64, small.retainedCacheTokens());
    small.remove(old);
    plan = small.plan();
    assertEquals(List.of(new Run(young, 60, 1, false)), plan.runs());
    assertEquals(60, plan.reused());
  }

  @Test
  void withReuseSwitchedOffNothingIsKept() {
    Scheduler off = new Scheduler(CACHE, SEQUENCES, BUDGET);
    off.add(sequence(50, 50));
    off.add(sequence(10, 10));
    assertEquals(2, off.plan().runs().size());
    finishAll(off);
    off.add(sequence(50, 50));
    assertEquals(0, off.plan().reused());
    assertEquals(0, off.retainedCacheTokens());
  }

  private static void finishAll(Scheduler scheduler) {
    while (scheduler.running() + scheduler.waiting() > 0) {
      for (Run run : scheduler.plan().runs()) {
        if (run.reachesEnd()) {
          run.sequence().append(1);
          if (run.sequence().generated() == 2) {
            scheduler.remove(run.sequence());
          }
        }
      }
    }
  }

  private static Scheduler scheduler(int cacheTokens, PrefixReuse reuse) {
    return new Scheduler(cacheTokens, SEQUENCES, BUDGET, reuse, null, 1);
  }

  private static List<Sequence> sequences(StepPlan plan) {
    return plan.runs().stream().map(Run::sequence).distinct().toList();
  }

  private static List<Integer> counts(StepPlan plan) {
    return plan.runs().stream().map(Run::count).toList();
  }

  private static Sequence sequence(int length, int common) {
    return new Sequence(tokens(length, common), length + 10);
  }

  /** 0, 1, 2 ... as far as they are common, others after that. */
  private static int[] tokens(int length, int common) {
    int[] tokens = new int[length];
    Arrays.setAll(tokens, i -> i < common ? i : 10_000 * length + i);
    return tokens;
  }
}
