package io.qwark.jobs;

import io.qwark.engine.api.ChatMessage;
import io.qwark.engine.api.Completion;
import io.qwark.engine.api.EngineOptions;
import io.qwark.engine.api.ErrorCode;
import io.qwark.engine.api.FinishReason;
import io.qwark.engine.api.Generation;
import io.qwark.engine.api.GenerationDefaults;
import io.qwark.engine.api.ModelFactory;
import io.qwark.engine.api.ModelInfo;
import io.qwark.engine.api.Placement;
import io.qwark.engine.api.Prompt;
import io.qwark.engine.api.RequestException;
import io.qwark.engine.api.SamplingOptions;
import io.qwark.engine.api.SamplingParams;
import io.qwark.engine.api.TextModel;
import io.qwark.engine.api.Timings;
import io.qwark.engine.api.TokenLogprob;
import io.qwark.engine.api.UserException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A model that adds: it answers the first "a + b" of its prompt, every fourth sample wrongly, and
 * never boxes an answer where there is nothing to add.
 */
record FakeModels(EngineOptions options) implements ModelFactory {
  static final AtomicInteger LOADS = new AtomicInteger();

  /** Chat templates that make it fail: with a user's mistake, with a bug, at every sample. */
  static final String UNUSABLE = "unusable";

  static final String BROKEN = "broken";
  static final String FAILING = "failing";

  private static final Pattern SUM = Pattern.compile("(\\d+) *\\+ *(\\d+)");

  @Override
  public TextModel load(Placement placement) {
    LOADS.incrementAndGet();
    if (UNUSABLE.equals(options.chatTemplate())) {
      throw new UserException("Cannot load it", "it is unusable", "Choose another");
    }
    if (BROKEN.equals(options.chatTemplate())) {
      throw new IllegalStateException("broken to pieces");
    }
    return new Adder(options, placement.device());
  }

  private record Adder(EngineOptions options, String device) implements TextModel {
    @Override
    public ModelInfo info() {
      return new ModelInfo(
          options.model(),
          "Adder",
          1,
          "none",
          options.quantization().wireName(),
          options.lmHeadQuantization().wireName(),
          "stock",
          "float32",
          device,
          2,
          4096,
          4096,
          1);
    }

    @Override
    public SamplingParams resolve(SamplingOptions sampling) {
      return sampling.resolve(GenerationDefaults.none(List.of(0)));
    }

    @Override
    public CompletableFuture<Generation> submit(
        Prompt prompt, int sampleIndex, SamplingParams params) {
      if (FAILING.equals(options.chatTemplate())) {
        return CompletableFuture.failedFuture(
            new RequestException(ErrorCode.ENGINE_FAILURE, "it fails always"));
      }
      String said = said(prompt);
      Matcher sum = SUM.matcher(said);
      String answer = "Nothing to add in: " + said;
      if (sum.find()) {
        int wrong = sampleIndex % 4 == 3 ? 1 : 0;
        int value = Integer.parseInt(sum.group(1)) + Integer.parseInt(sum.group(2)) + wrong;
        answer = "\\boxed{" + value + "}";
      }
      return CompletableFuture.completedFuture(generation(said, answer, params));
    }

    private static String said(Prompt prompt) {
      if (prompt instanceof Prompt.Text text) {
        return text.text();
      }
      if (prompt instanceof Prompt.Tokens tokens) {
        return tokens.ids()[0] + " + " + tokens.ids()[1];
      }
      Prompt.Chat chat = (Prompt.Chat) prompt;
      StringBuilder said = new StringBuilder();
      for (ChatMessage message : chat.messages()) {
        said.append(message.role()).append(": ").append(message.content()).append('\n');
      }
      chat.tools().forEach(tool -> said.append("tool: ").append(tool).append('\n'));
      return said.toString().strip();
    }

    private static Generation generation(String said, String answer, SamplingParams params) {
      boolean asked = params.logprobs() >= 0;
      int[] tokens = {7, 0};
      Completion completion =
          new Completion(
              tokens,
              FinishReason.STOP,
              true,
              null,
              asked ? new float[] {-0.5f, -0.25f} : null,
              asked
                  ? List.of(
                      List.of(new TokenLogprob(7, -0.5f)), List.of(new TokenLogprob(0, -0.25f)))
                  : null,
              params.promptLogprobs() ? new float[] {Float.NaN, -1f} : null,
              new Timings(1, 2, 3));
      return new Generation(
          "Let me add.</think>" + answer, "Let me add.", answer, said.length(), completion);
    }

    @Override
    public void close() {}
  }
}
