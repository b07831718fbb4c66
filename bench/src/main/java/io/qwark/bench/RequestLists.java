package io.qwark.bench;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;

/** The requests of the comparison. They are random, and the same in every run. */
public final class RequestLists {
  /** The tokenizer of random checkpoints has more than these. */
  public static final int TOKENS = 512;

  /** Decoding from 236 tokens to 276 has a context of 256 on average. */
  private static final int DECODE_INPUT = 236;

  private static final int DECODE_STEPS = 40;
  private static final int MIXED_REQUESTS = 64;
  private static final int ENDS = 64;
  private static final int BEGINNING = 1000;
  private static final int END = 64;

  private RequestLists() {}

  static List<TimedRequest> decode(int samples) {
    Random random = new Random(1);
    // The first token comes out of the prompt's own step.
    return IntStream.range(0, samples)
        .mapToObj(i -> new TimedRequest(prompt(random, DECODE_INPUT), 1 + DECODE_STEPS))
        .toList();
  }

  static List<TimedRequest> prefill(int tokens) {
    return List.of(new TimedRequest(prompt(new Random(2), tokens), 1));
  }

  /** 64 prompts of 16 to 512 tokens, 16 to 256 tokens to follow, all lengths equally likely. */
  static List<TimedRequest> mixed() {
    Random random = new Random(3);
    return IntStream.range(0, MIXED_REQUESTS)
        .mapToObj(
            i ->
                new TimedRequest(
                    prompt(random, 16 + random.nextInt(497)), 16 + random.nextInt(241)))
        .toList();
  }

  /**
   * 64 prompts that begin with the same 1,000 tokens and end with 64 of their own.
   *
   * @param seed so that a repetition has another beginning, which no cache holds yet
   */
  static List<TimedRequest> sharedBeginning(long seed) {
    Random random = new Random(seed);
    int[] beginning = prompt(random, BEGINNING);
    return IntStream.range(0, ENDS)
        .mapToObj(i -> new TimedRequest(joined(beginning, prompt(random, END)), 1))
        .toList();
  }

  /** One such beginning, and 64 such ends, each a prompt by itself. */
  static List<TimedRequest> beginningAndEnds(long seed) {
    Random random = new Random(seed);
    List<TimedRequest> requests = new ArrayList<>();
    requests.add(new TimedRequest(prompt(random, BEGINNING), 1));
    for (int i = 0; i < ENDS; i++) {
      requests.add(new TimedRequest(prompt(random, END), 1));
    }
    return requests;
  }

  private static int[] prompt(Random random, int tokens) {
    return random.ints(tokens, 0, TOKENS).toArray();
  }

  private static int[] joined(int[] first, int[] second) {
    int[] both = Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, both, first.length, second.length);
    return both;
  }
}
