package io.qwark.engine.schedule;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

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
    Scheduler scheduler = new Scheduler(128, 4, 256);
    Sequence old = sequence(60, 128);
    Sequence young = sequence(60, 128);
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

  @Test
  void aSequenceThatCanNeverFitIsABug() {
    Scheduler scheduler = new Scheduler(128, 4, 256);
    assertThrows(IllegalArgumentException.class, () -> scheduler.add(sequence(60, 129)));
  }

  /**
   * Plays the model: remembers which token each slot holds and checks that every query finds its
   * own sequence's tokens in the slots that its span names.
   */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void everySequenceEndsAndAlwaysFindsItsOwnTokens(long seed) {
    Random random = new Random(seed);
    int capacity = 300 + random.nextInt(600);
    Scheduler scheduler = new Scheduler(capacity, 1 + random.nextInt(12), 64 + random.nextInt(200));
    Map<Sequence, Integer> left = new HashMap<>();
    int[] owner = new int[capacity];
    int[] index = new int[capacity];
    int steps = 0;
    int total = 60;
    while (total > 0 || !left.isEmpty()) {
      if (total > 0 && random.nextInt(3) == 0) {
        int prompt = 1 + random.nextInt(200);
        Sequence sequence = sequence(prompt, Math.min(capacity, prompt + 1 + random.nextInt(90)));
        left.put(sequence, 0);
        scheduler.add(sequence);
        total--;
      }
      StepPlan plan = scheduler.plan();
      for (CacheMove move : plan.moves()) {
        System.arraycopy(owner, move.source(), owner, move.target(), move.count());
        System.arraycopy(index, move.source(), index, move.target(), move.count());
      }
      PackedStep step = plan.pack();
      int row = 0;
      for (Run run : plan.runs()) {
        for (int i = 0; i < run.count(); i++, row++) {
          owner[(int) step.slots()[row]] = System.identityHashCode(run.sequence());
          index[(int) step.slots()[row]] = run.from() + i;
        }
      }
      for (Run run : plan.runs()) {
        int start = run.sequence().extent().start();
        for (int i = 0; i < run.end(); i++) {
          assertEquals(System.identityHashCode(run.sequence()), owner[start + i]);
          assertEquals(i, index[start + i]);
        }
        if (run.reachesEnd()) {
          run.sequence().append(1);
          if (run.sequence().full() || random.nextInt(60) == 0) {
            scheduler.remove(run.sequence());
            left.remove(run.sequence());
          }
        }
      }
      assertTrue(steps++ < 20_000, "no end in sight");
    }
    assertEquals(capacity, scheduler.freeCacheTokens());
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
    return java.util.Arrays.stream(values).boxed().toList();
  }
}
