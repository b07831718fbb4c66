package io.qwark.bench;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.IntSummaryStatistics;
import java.util.List;
import org.junit.jupiter.api.Test;

class RequestListsTest {
  @Test
  void mixedRequestsAreTheSameInEveryRun() {
    assertEquals(words(RequestLists.mixed()), words(RequestLists.mixed()));
  }

  /** 64 prompts of 16 to 512 and outputs of 16 to 256 tokens, as the target says. */
  @Test
  void mixedRequestsHaveTheLengthsOfTheTarget() {
    List<TimedRequest> requests = RequestLists.mixed();
    IntSummaryStatistics prompts =
        requests.stream().mapToInt(r -> r.prompt().length).summaryStatistics();
    IntSummaryStatistics outputs =
        requests.stream().mapToInt(TimedRequest::output).summaryStatistics();
    assertEquals(64, requests.size());
    assertTrue(prompts.getMin() >= 16 && prompts.getMax() <= 512, prompts.toString());
    assertTrue(outputs.getMin() >= 16 && outputs.getMax() <= 256, outputs.toString());
    // Means of 264 and 136; 64 draws stray from them by 18 and 9 (one standard deviation).
    assertEquals(264, prompts.getAverage(), 3 * 18);
    assertEquals(136, outputs.getAverage(), 3 * 9);
  }

  @Test
  void decodingHasAContextOf256OnAverageAndPromptsOfItsOwn() {
    List<TimedRequest> requests = RequestLists.decode(8);
    int steps = requests.get(0).output() - 1;
    assertEquals(256, requests.get(0).prompt().length + steps / 2);
    assertEquals(8, requests.stream().map(r -> Arrays.toString(r.prompt())).distinct().count());
  }

  @Test
  void sharedPromptsBeginWithTheSameThousandTokensAndEndDifferently() {
    List<TimedRequest> requests = RequestLists.sharedBeginning(1);
    int[] beginning = Arrays.copyOf(requests.get(0).prompt(), 1000);
    for (TimedRequest request : requests) {
      assertArrayEquals(beginning, Arrays.copyOf(request.prompt(), 1000));
    }
    assertEquals(
        64,
        requests.stream()
            .map(r -> Arrays.toString(Arrays.copyOfRange(r.prompt(), 1000, 1064)))
            .distinct()
            .count());
    int[] other = RequestLists.sharedBeginning(2).get(0).prompt();
    assertFalse(Arrays.equals(beginning, Arrays.copyOf(other, 1000)));
  }

  /** 1,000 + 64 x 64 tokens against 64 x (1,000 + 64). */
  @Test
  void theOtherHalfHasOneBeginningAndAsManyEnds() {
    assertEquals(5096, tokens(RequestLists.beginningAndEnds(1)));
    assertEquals(68_096, tokens(RequestLists.sharedBeginning(1)));
  }

  private static int tokens(List<TimedRequest> requests) {
    return requests.stream().mapToInt(r -> r.prompt().length).sum();
  }

  private static List<String> words(List<TimedRequest> requests) {
    return requests.stream().map(TimedRequest::word).toList();
  }
}
