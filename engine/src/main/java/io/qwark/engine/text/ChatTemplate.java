package io.qwark.engine.text;

import io.qwark.engine.api.ChatMessage;
import io.qwark.engine.api.RequestException;
import io.qwark.engine.api.UserException;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/**
 * How a conversation is written for the model. The templates of the supported families are written
 * out in Java and not read from the model's Jinja source; {@link #recognise} tells which one a
 * source stands for.
 */
public enum ChatTemplate {
  /** Qwen3-*-Instruct-2507: no reasoning. */
  QWEN3_INSTRUCT_2507("qwen3-instruct-2507", QwenTurns.qwen3(false)),
  /** Qwen3-*-Thinking-2507: the template opens the reasoning. */
  QWEN3_THINKING_2507("qwen3-thinking-2507", QwenTurns.qwen3(true)),
  /**
   * Qwen3-* of April 2025: the model decides, and opens its reasoning itself, unless {@code
   * enable_thinking} is false. The soft switches {@code /think} and {@code /no_think} are text to
   * the template.
   */
  QWEN3_HYBRID("qwen3-hybrid", QwenTurns.qwen3(true)),
  /** Qwen2.5-*-Instruct and Qwen2.5-Coder-*-Instruct: names itself where no system message does. */
  QWEN2_5("qwen2.5", QwenTurns.qwen25(SystemPrompts.QWEN2_5)),
  /** The same as Qwen's own GGUF files have it: with doubled braces where tools are explained. */
  QWEN2_5_GGUF(
      "qwen2.5-gguf",
      new QwenTurns(false, SystemPrompts.QWEN2_5, false, "{" + QwenTurns.CALL_EXAMPLE + "}")),
  /** Qwen2.5-Math-*-Instruct: asks for reasoning where no system message does otherwise. */
  QWEN2_5_MATH("qwen2.5-math", QwenTurns.qwen25(SystemPrompts.QWEN2_5_MATH)),
  /** Qwen2-*-Instruct, without tools. */
  QWEN2("qwen2", PlainTurns.chatMl(SystemPrompts.QWEN2)),
  /** SmolLM2-*-Instruct: names itself where no system message does. */
  SMOLLM2("smollm2", PlainTurns.chatMl(SystemPrompts.SMOLLM2)),
  /** {@code <|im_start|>role\ncontent<|im_end|>\n} and nothing else. */
  CHATML("chatml", PlainTurns.chatMl(null)),
  /** Zephyr and TinyLlama-Chat: {@code <|role|>\ncontent</s>\n}. */
  ZEPHYR("zephyr", new PlainTurns("", "<|", "|>\n", "</s>\n", null, false, List.of("</s>"))),
  /** Meta-Llama-3-*-Instruct. */
  LLAMA3(
      "llama3",
      new PlainTurns(
          "<|begin_of_text|>",
          "<|start_header_id|>",
          "<|end_header_id|>\n\n",
          "<|eot_id|>",
          null,
          true,
          new Llama31Turns().marks())),
  /** Llama-3.1, 3.2 and 3.3 Instruct: two dates in the system's turn, the day a fixed one. */
  LLAMA3_1("llama3.1", new Llama31Turns());

  private final String wireName;
  private final ChatStyle style;

  ChatTemplate(String wireName, ChatStyle style) {
    this.wireName = wireName;
    this.style = style;
  }

  public String wireName() {
    return wireName;
  }

  /** Whether a prompt that asks for an answer ends within reasoning, see {@link Reasoning}. */
  public boolean opensReasoning() {
    return this == QWEN3_THINKING_2507;
  }

  /**
   * The template of this name.
   *
   * @throws UserException if there is none
   */
  public static ChatTemplate of(String wireName) {
    return Arrays.stream(values())
        .filter(t -> t.wireName.equals(wireName))
        .findFirst()
        .orElseThrow(
            () ->
                new UserException(
                    "Cannot use the chat template `" + wireName + "`",
                    "there is none of this name",
                    "Choose one of " + names()));
  }

  /**
   * Tells which template a model's own Jinja source is.
   *
   * @param jinja null if the model has none
   * @throws UserException if it is none of these; the user may then name one
   */
  public static ChatTemplate recognise(String jinja) {
    return TemplateSource.recognise(jinja);
  }

  /**
   * Checks that a model knows the marks around turns.
   *
   * @throws UserException if its tokenizer has no token for one of them
   */
  public void checkMarks(Tokenizer tokenizer) {
    for (String mark : style.marks()) {
      if (tokenizer.tokenId(mark) == null) {
        throw new UserException(
            "Cannot use the chat template `" + wireName + "`",
            "the model's tokenizer has no token " + mark,
            "Name the template that the model was trained with in `chat_template`: " + names());
      }
    }
  }

  /**
   * Checks the user's wish for or against reasoning.
   *
   * @param enableThinking null is the model's default
   * @throws UserException if there is a wish and the template has no such choice
   */
  public void checkThinking(Boolean enableThinking) {
    if (enableThinking != null && this != QWEN3_HYBRID) {
      throw new UserException(
          "Cannot use enable_thinking with the chat template `" + wireName + "`",
          "only " + QWEN3_HYBRID.wireName + " has that choice",
          "Remove `enable_thinking`");
    }
  }

  /**
   * Writes a conversation as the model's own template does.
   *
   * @param tools JSON objects as text, or empty
   * @param addGenerationPrompt whether to open a turn for the model's answer
   * @param enableThinking see {@link #checkThinking}
   * @throws RequestException if the conversation is empty or not well-formed
   */
  public String render(
      List<ChatMessage> messages,
      List<String> tools,
      boolean addGenerationPrompt,
      Boolean enableThinking) {
    checkThinking(enableThinking);
    String opening = null;
    if (addGenerationPrompt) {
      boolean reasoningIsOff = enableThinking != null && !enableThinking;
      opening = opensReasoning() ? "<think>\n" : reasoningIsOff ? "<think>\n\n</think>\n\n" : "";
    }
    return style.render(new Conversation(messages), tools, opening);
  }

  static String names() {
    return Arrays.stream(values()).map(ChatTemplate::wireName).collect(Collectors.joining(", "));
  }
}
