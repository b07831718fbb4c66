package io.qwark.bench;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class JobTest {
  private static final List<TimedRequest> REQUESTS =
      List.of(new TimedRequest(new int[] {7, 8, 9}, 41), new TimedRequest(new int[] {0}, 11));

  /** The form that llama_bench.c describes. */
  @Test
  void aJobIsALine() {
    assertEquals(
        "mixed 1.5 41:7,8,9 11:0", new Job(Job.Kind.MIXED, REQUESTS).limitedTo(1.5).line());
  }

  @Test
  void theLineSaysAllOfTheJob() {
    Job job = Job.parse(new Job(Job.Kind.DECODE, REQUESTS).limitedTo(2).line());
    assertEquals(Job.Kind.DECODE, job.kind());
    assertEquals(2, job.limitSeconds());
    assertEquals(2, job.requests().size());
    assertArrayEquals(new int[] {7, 8, 9}, job.requests().get(0).prompt());
    assertEquals(41, job.requests().get(0).output());
    assertArrayEquals(new int[] {0}, job.requests().get(1).prompt());
  }

  @Test
  void countedTokensAreThoseOfTheTimedPart() {
    // 40 and 10 after the first ones; 3 and 1 of the prompts; 41 and 11 in all.
    assertEquals(50, new Job(Job.Kind.DECODE, REQUESTS).countedTokens());
    assertEquals(4, new Job(Job.Kind.PREFILL, REQUESTS).countedTokens());
    assertEquals(52, new Job(Job.Kind.MIXED, REQUESTS).countedTokens());
  }

  @Test
  void aRequestWithoutPromptOrOutputIsRefused() {
    assertThrows(IllegalArgumentException.class, () -> new TimedRequest(new int[0], 1));
    assertThrows(IllegalArgumentException.class, () -> new TimedRequest(new int[1], 0));
  }

  @Test
  void anAnswerHasNamedValues() {
    Answer answer = Answer.parse("result", "result seconds=0.25 kv_cache=unified");
    assertEquals(Map.of("seconds", "0.25", "kv_cache", "unified"), answer.values());
    assertEquals(0.25, answer.number("seconds"));
  }

  @Test
  void anErrorInPlaceOfAnAnswerIsToldAsItIs() {
    Exception e =
        assertThrows(
            IllegalStateException.class,
            () -> Answer.parse("result", "error llama_decode returned 1 for 8 tokens"));
    assertEquals("error llama_decode returned 1 for 8 tokens", e.getMessage());
  }
}
