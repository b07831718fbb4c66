package io.qwark.engine.schedule;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.qwark.engine.api.Speculative;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PromptLookupTest {
  @Test
  void findsWhatFollowedTheLastOccurrence() {
    // "1 2" ended before index 2, then before 5.
    assertEquals(5, find(2, 2, 1, 2, 3, 1, 2, 4, 1, 2));
  }

  @Test
  void longerRunsOfTokensCountMoreThanLaterOnes() {
    assertEquals(3, find(3, 2, 9, 1, 2, 7, 1, 2, 8, 9, 1, 2));
    assertEquals(6, find(2, 2, 9, 1, 2, 7, 1, 2, 8, 9, 1, 2));
  }

  @Test
  void shorterRunsThanTheShortestAreNotLookedUp() {
    assertEquals(0, find(3, 2, 1, 2, 3, 4, 3));
    assertEquals(3, find(3, 1, 1, 2, 3, 4, 3));
  }

  @Test
  void aRunMayOverlapWithItsLastOccurrence() {
    assertEquals(4, find(4, 2, 5, 5, 5, 5, 5));
  }

  /** The reference looks at every earlier place, the last one first. */
  @ParameterizedTest
  @CsvSource({
    "2, 4, 2, 1",
    "2, 5, 1, 2",
    "3, 3, 3, 3",
    "10, 4, 2, 4",
    "50, 3, 1, 5",
    "400, 2, 2, 6"
  })
  void findsTheSameAsAScanOfTheWholeText(int alphabet, int longest, int shortest, long seed) {
    Random random = new Random(seed);
    int[] text = random.ints(3000, 0, alphabet).toArray();
    PromptLookup lookup = new PromptLookup(new Speculative(4, longest, shortest, 8));
    for (int length = 1; length <= text.length; length += 1 + random.nextInt(3)) {
      int expected = 0;
      for (int n = longest; n >= shortest && expected == 0; n--) {
        expected = scan(text, length, n);
      }
      assertEquals(expected, lookup.find(text, length), "at " + length);
      assertEquals(expected, lookup.find(text, length), "asked twice");
    }
  }

  private static int scan(int[] text, int length, int n) {
    for (int end = length - 1; end >= n; end--) {
      if (Arrays.equals(text, end - n, end, text, length - n, length)) {
        return end;
      }
    }
    return 0;
  }

  private static int find(int longest, int shortest, int... text) {
    return new PromptLookup(new Speculative(4, longest, shortest, 8)).find(text, text.length);
  }
}
