package io.qwark.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.qwark.bench.SoakRequests.SoakRequest;
import io.qwark.engine.api.Completion;
import io.qwark.engine.api.ErrorCode;
import io.qwark.engine.api.FinishReason;
import io.qwark.engine.api.Generation;
import io.qwark.engine.api.Prompt;
import io.qwark.engine.api.RequestException;
import io.qwark.engine.api.Timings;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SoakTest {
  private final SoakTally tally = new SoakTally();

  private static SoakRequest good(int number) {
    return new SoakRequest(number, new Prompt.Text("x"), 0, null, null);
  }

  private static SoakRequest bad(ErrorCode expected) {
    return new SoakRequest(-1, new Prompt.Text(""), 0, null, expected);
  }

  private static Generation generation(float logprob, double time) {
    Completion completion =
        new Completion(
            new int[] {1},
            FinishReason.LENGTH,
            false,
            null,
            new float[] {logprob},
            null,
            null,
            new Timings(time, time, time));
    return new Generation("a", null, "a", 1, completion);
  }

  @Test
  void aRequestThatComesAgainMustGetWhatItGotBitByBit() {
    tally.over(good(3), generation(-0.5f, 1), null);
    tally.over(good(4), generation(-0.25f, 1), null);
    tally.over(good(3), generation(-0.5f, 2), null);
    assertEquals(new SoakTally.Counts(0, 3, 1, 0, 0, 0, 0), tally.counts());

    tally.over(good(3), generation(Math.nextUp(-0.5f), 3), null);
    assertEquals(1, tally.counts().wrong());
    assertTrue(tally.complaints().get(0).startsWith("request 3 gave"));
  }

  @Test
  void failuresCountByWhetherTheyWereMeant() {
    tally.over(bad(ErrorCode.EMPTY_PROMPT), null, failure(ErrorCode.EMPTY_PROMPT));
    tally.over(bad(ErrorCode.EMPTY_PROMPT), null, failure(ErrorCode.ENGINE_FAILURE));
    tally.over(good(1), null, failure(ErrorCode.ENGINE_STALLED));
    tally.over(good(1), null, new CancellationException());
    tally.over(bad(ErrorCode.EMPTY_PROMPT), generation(0, 1), null);
    assertEquals(new SoakTally.Counts(0, 1, 0, 1, 1, 2, 1), tally.counts());
  }

  private static RequestException failure(ErrorCode code) {
    return new RequestException(code, "as the test wants it");
  }

  @Test
  void whatIsNeitherDoneNorFailedIsUnderWay() {
    IntStream.range(0, 5).forEach(i -> tally.submitted());
    tally.over(good(1), generation(0, 1), null);
    assertEquals(4, tally.counts().underWay());
  }

  @Test
  void growthIsThatOfTheLastTwoThirds() {
    // 90 s: steep until 30 s, then 2 MiB a second for 60 s.
    List<double[]> memory =
        IntStream.rangeClosed(0, 90)
            .mapToObj(i -> new double[] {i, i < 30 ? 100 * i : 5000 + 2 * i})
            .toList();
    assertEquals(120, SoakWatch.growth(memory), 1e-9);
  }
}
