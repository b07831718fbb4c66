package io.qwark.bench;

import io.qwark.engine.api.ChatMessage;
import io.qwark.engine.api.ErrorCode;
import io.qwark.engine.api.Prompt;
import io.qwark.engine.api.SamplingOptions;
import io.qwark.engine.api.SamplingParams;
import io.qwark.engine.api.TextModel;
import io.qwark.engine.checkpoint.ModelConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * Requests of all kinds, at random: good ones that come again and again, and some that must fail.
 */
final class SoakRequests {
  private static final int POOL = 300;
  private static final int LONGEST_OUTPUT = 160;
  private static final double BAD = 0.05;
  private static final String SYSTEM =
      "You add numbers. Think it over step by step and be exact. Do not give an answer that you"
          + " have not checked, and write nothing after it.";

  private final TextModel model;
  private final int vocab;
  private final int context;
  private final Random random;
  private final List<SoakRequest> pool = new ArrayList<>();

  /**
   * A request and what is to become of it.
   *
   * @param number of a good one, from 0; -1 for one that must fail
   * @param expected what it must fail with, or null
   */
  record SoakRequest(
      int number, Prompt prompt, int sampleIndex, SamplingParams params, ErrorCode expected) {}

  /**
   * @param config of the model
   */
  SoakRequests(TextModel model, ModelConfig config, long seed) {
    this.model = model;
    this.vocab = config.vocabSize();
    this.context = config.maxPositionEmbeddings();
    this.random = new Random(seed);
    for (int i = 0; i < POOL; i++) {
      pool.add(new SoakRequest(i, good(), random.nextInt(3), params(), null));
    }
  }

  SoakRequest next() {
    return random.nextDouble() < BAD ? bad() : pool.get(random.nextInt(POOL));
  }

  private Prompt good() {
    String sum = random.nextInt(1000) + " + " + random.nextInt(1000);
    return switch (random.nextInt(4)) {
      case 0 -> new Prompt.Text("What is " + sum + "? ".repeat(1 + random.nextInt(40)));
      case 1 ->
          new Prompt.Chat(
              List.of(new ChatMessage("system", SYSTEM), new ChatMessage("user", sum)), List.of());
      case 2 -> new Prompt.Tokens(tokens(1 + random.nextInt(600)));
      default -> new Prompt.Tokens(tokens(1 + random.nextInt(40)));
    };
  }

  private SoakRequest bad() {
    int kind = random.nextInt(6);
    Prompt prompt =
        switch (kind) {
          case 0 -> new Prompt.Tokens(tokens(model.info().maxModelLen()));
          case 1 -> new Prompt.Tokens(new int[] {1, vocab + random.nextInt(9)});
          case 2 -> new Prompt.Tokens(new int[] {-1});
          case 3 -> new Prompt.Chat(List.of(new ChatMessage("robot", "Hello")), List.of());
          case 4 -> new Prompt.Tokens(new int[0]);
          default -> new Prompt.Text("");
        };
    ErrorCode expected =
        switch (kind) {
          case 0 -> tooLong();
          case 1, 2, 3 -> ErrorCode.INVALID_PROMPT;
          default -> ErrorCode.EMPTY_PROMPT;
        };
    return new SoakRequest(-1, prompt, 0, params(), expected);
  }

  /** The cache is what limits a prompt where it is smaller than the context. */
  private ErrorCode tooLong() {
    return model.info().maxModelLen() < context
        ? ErrorCode.KV_CACHE_TOO_SMALL
        : ErrorCode.PROMPT_TOO_LONG;
  }

  private SamplingParams params() {
    boolean penalized = random.nextInt(4) == 0;
    return model.resolve(
        SamplingOptions.builder()
            .temperature(random.nextInt(4) == 0 ? 0.0 : 0.5 + random.nextDouble())
            .topP(random.nextInt(3) == 0 ? 1.0 : 0.9)
            // 0 samples from the whole vocabulary.
            .topK(random.nextInt(5) == 0 ? 0 : 1 + random.nextInt(80))
            .minP(random.nextInt(6) == 0 ? 0.02 : 0.0)
            .presencePenalty(penalized ? 1.0 : 0.0)
            .frequencyPenalty(penalized ? 0.5 : 0.0)
            .repetitionPenalty(penalized ? 1.2 : 1.0)
            .seed(random.nextLong())
            .maxTokens(1 + random.nextInt(LONGEST_OUTPUT))
            .stop(random.nextInt(4) == 0 ? List.of("7", "the end", "\n\n") : List.of())
            .stopTokenIds(List.of())
            .ignoreEos(random.nextBoolean())
            .logprobs(random.nextInt(3) == 0 ? random.nextInt(6) : null)
            .promptLogprobs(random.nextInt(8) == 0)
            .build());
  }

  private int[] tokens(int count) {
    return random.ints(count, 0, vocab).toArray();
  }
}
