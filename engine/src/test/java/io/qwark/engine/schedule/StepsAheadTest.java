package io.qwark.engine.schedule;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** How many tokens of which sequences are decoded in one call. */
class StepsAheadTest {
  private static final int STEPS = 8;

  @Test
  void whereThereIsRoomForMoreCallsBecomeLongerStepByStep() {
    Scheduler scheduler = scheduler(1024, 4);
    add(scheduler, 3, 100);
    assertEquals(List.of(1, 1, 2, 4, 8, 8), calls(scheduler, 6));
    add(scheduler, 3, 100);
    assertEquals(List.of(1, 1, 2, 4, 8), calls(scheduler, 5));
  }

  @Test
  void whereAllPlacesAreTakenCallsAreLongAtOnce() {
    Scheduler scheduler = scheduler(1024, 2);
    add(scheduler, 3, 100);
    add(scheduler, 3, 100);
    assertEquals(List.of(1, 8, 8), calls(scheduler, 3));
  }

  @Test
  void nothingIsDecodedAheadWhileAPromptIsDue() {
    Scheduler scheduler = scheduler(4096, 2);
    add(scheduler, 3, 100);
    add(scheduler, 1000, 1010);
    StepPlan plan = scheduler.plan();
    int pieces = 0;
    while (plan.runs().stream().anyMatch(run -> run.promptTokens() > 0)) {
      assertEquals(1, plan.steps());
      pieces++;
      goOn(plan);
      plan = scheduler.plan();
    }
    assertTrue(pieces > 5, pieces + " pieces");
    assertEquals(STEPS, plan.steps());
  }

  @Test
  void oneThatMayNotGoAheadHoldsBackAll() {
    Scheduler scheduler = scheduler(1024, 2);
    add(scheduler, 3, 100);
    Sequence particular =
        new Sequence(new int[3], 100, EnumSet.of(Shortcut.DRAFTS, Shortcut.PREFIX_REUSE));
    scheduler.add(particular);
    assertEquals(List.of(1, 1, 1), calls(scheduler, 3));
    scheduler.remove(particular);
    add(scheduler, 3, 100);
    assertEquals(List.of(1, 8), calls(scheduler, 2));
  }

  @Test
  void afterWhatTheModelLeftOpenComesASingleStep() {
    Scheduler scheduler = scheduler(1024, 1);
    Sequence sequence = add(scheduler, 3, 100);
    assertEquals(List.of(1, 8), calls(scheduler, 2));
    StepPlan plan = scheduler.plan();
    assertEquals(List.of(new Run(sequence, 11, 1, true, 0, 7)), plan.runs());
    take(sequence, 3);
    sequence.undecided();
    assertEquals(List.of(new Run(sequence, 14, 1, true)), scheduler.plan().runs());
    sequence.append(1);
    assertEquals(List.of(new Run(sequence, 15, 1, true, 0, 7)), scheduler.plan().runs());
  }

  @Test
  void aCallThatFoundNothingIsDoneAgainAsAStep() {
    Scheduler scheduler = scheduler(1024, 1);
    Sequence sequence = add(scheduler, 3, 100);
    calls(scheduler, 2);
    scheduler.plan();
    sequence.undecided();
    assertEquals(List.of(new Run(sequence, 11, 1, true)), scheduler.plan().runs());
  }

  @Test
  void noMoreIsDecodedThanCanFollow() {
    Scheduler scheduler = scheduler(1024, 1);
    Sequence sequence = add(scheduler, 3, 9);
    calls(scheduler, 1);
    // Of 9 tokens 4 are there.
    assertEquals(List.of(new Run(sequence, 3, 1, true, 0, 4)), scheduler.plan().runs());
  }

  @Test
  void forTokensAheadNobodyLosesItsPlace() {
    Scheduler scheduler = scheduler(48, 2);
    Sequence first = add(scheduler, 14, 48);
    Sequence second = add(scheduler, 14, 32);
    assertEquals(2, scheduler.plan().runs().size());
    take(first, 1);
    take(second, 1);
    // All slots are shared out: 32 and 16, of which 15 are taken.
    StepPlan plan = scheduler.plan();
    assertEquals(0, plan.preempted());
    int[] ahead = plan.runs().stream().mapToInt(Run::ahead).toArray();
    assertEquals(1, ahead[0]);
    assertEquals(1, ahead[1]);
  }

  @Test
  void whileOthersWaitACallEndsAboutWhereItsSequencesDo() {
    Scheduler scheduler = scheduler(1024, 2);
    add(scheduler, 3, 3 + 4);
    add(scheduler, 3, 3 + 4);
    Sequence waits = add(scheduler, 3, 100);
    assertEquals(List.of(1, 3), calls(scheduler, 2));
    assertEquals(1, scheduler.waiting());
    assertEquals(0, waits.generated());
  }

  @Test
  void oneOfManyThatEndsDoesNotEndTheCall() {
    Scheduler scheduler = scheduler(4096, 16);
    List<Sequence> sequences =
        IntStream.range(0, 17).mapToObj(i -> add(scheduler, 3, i == 0 ? 3 + 5 : 100)).toList();
    // Four of 8 steps of one of 16 are idle.
    assertEquals(List.of(1, 8), calls(scheduler, 2));
    assertEquals(5, sequences.get(0).generated());
    assertEquals(9, sequences.get(1).generated());
  }

  private static Scheduler scheduler(int cacheTokens, int maxNumSeqs) {
    return new Scheduler(cacheTokens, maxNumSeqs, 64 + 62, PrefixReuse.NONE, null, STEPS);
  }

  private static Sequence add(Scheduler scheduler, int prompt, int maxLength) {
    Sequence sequence = new Sequence(new int[prompt], maxLength);
    scheduler.add(sequence);
    return sequence;
  }

  /** The number of steps of each of the next calls, of which every token is used. */
  private static List<Integer> calls(Scheduler scheduler, int count) {
    List<Integer> calls = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      StepPlan plan = scheduler.plan();
      calls.add(plan.steps());
      goOn(plan);
    }
    return calls;
  }

  private static void goOn(StepPlan plan) {
    for (Run run : plan.runs()) {
      if (run.reachesEnd()) {
        take(run.sequence(), 1 + run.ahead());
      }
    }
  }

  private static void take(Sequence sequence, int tokens) {
    sequence.computedAhead(new int[tokens - 1]);
    for (int i = 0; i < tokens; i++) {
      sequence.append(0);
    }
  }
}
