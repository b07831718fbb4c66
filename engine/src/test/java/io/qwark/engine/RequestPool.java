package io.qwark.engine;

import io.qwark.engine.api.Completion;
import io.qwark.engine.api.GenerationDefaults;
import io.qwark.engine.api.Request;
import io.qwark.engine.api.SamplingOptions;
import io.qwark.engine.api.SamplingParams;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** Requests of all kinds, and what each of them gives alone. */
final class RequestPool {
  private static final int[] BEGINNINGS = {20, 64, 90, 200, 512, 600};
  private static final int LONGEST_OUTPUT = 40;

  private final Random random;
  private final int vocab;
  private final List<int[]> beginnings = new ArrayList<>();
  private final List<Request> requests = new ArrayList<>();
  private final List<Completion> alone = new ArrayList<>();

  private RequestPool(int vocab, int size, long seed) {
    this.random = new Random(seed);
    this.vocab = vocab;
    for (int length : BEGINNINGS) {
      beginnings.add(tokens(length));
    }
    for (int i = 0; i < size; i++) {
      requests.add(new Request(prompt(), random.nextInt(3), params(i)));
    }
  }

  /**
   * @param engine computes each request with no other in it and nothing left of those before
   */
  static RequestPool of(int vocab, int size, long seed, Engine engine) {
    RequestPool pool = new RequestPool(vocab, size, seed);
    pool.requests.forEach(request -> pool.alone.add(engine.submit(request).join()));
    return pool;
  }

  /** Tokens that the longest of them comes to. */
  static int longest() {
    return BEGINNINGS[BEGINNINGS.length - 1] + 64 + LONGEST_OUTPUT;
  }

  int size() {
    return requests.size();
  }

  Request request(int index) {
    return requests.get(index);
  }

  void assertAsAlone(int index, Completion actual, String how) {
    Completions.assertSame(alone.get(index), actual, "request " + index + ", " + how);
  }

  private int[] tokens(int length) {
    return random.ints(length, 0, vocab).toArray();
  }

  /** Two of three begin like others, one of three repeats itself. */
  private int[] prompt() {
    int[] end = tokens(1 + random.nextInt(64));
    if (random.nextInt(3) == 0) {
      int period = 1 + random.nextInt(6);
      for (int i = period; i < end.length; i++) {
        end[i] = end[i - period];
      }
    }
    int[] beginning = beginnings.get(random.nextInt(beginnings.size()));
    int shared =
        switch (random.nextInt(3)) {
          case 0 -> 0;
          case 1 -> beginning.length;
          default -> random.nextInt(beginning.length);
        };
    int[] prompt = Arrays.copyOf(beginning, shared + end.length);
    System.arraycopy(end, 0, prompt, shared, end.length);
    return prompt;
  }

  private SamplingParams params(int i) {
    List<Integer> stops = i % 4 == 0 ? random.ints(8, 0, vocab).boxed().toList() : List.of();
    return SamplingOptions.builder()
        .temperature(i % 5 == 0 ? 0.0 : i % 5 == 1 ? 0.3 : 1.0)
        .topP(i % 3 == 0 ? 1.0 : 0.9)
        // 0 samples from the whole vocabulary.
        .topK(i % 7 == 0 ? 0 : 20)
        .minP(i % 11 == 0 ? 0.05 : null)
        .presencePenalty(i % 6 == 0 ? 1.0 : null)
        .frequencyPenalty(i % 9 == 0 ? 0.5 : null)
        .repetitionPenalty(i % 4 == 0 ? 1.2 : null)
        .seed((long) i)
        .maxTokens(1 + random.nextInt(LONGEST_OUTPUT))
        .stopTokenIds(stops)
        .logprobs(i % 2 == 0 ? 2 : null)
        .promptLogprobs(i % 8 == 0)
        .build()
        .resolve(GenerationDefaults.none(List.of()));
  }
}
