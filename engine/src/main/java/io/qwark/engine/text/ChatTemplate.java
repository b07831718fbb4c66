package io.qwark.engine.text;

import io.qwark.engine.api.ChatMessage;
import io.qwark.engine.api.RequestException;
import io.qwark.engine.api.UserException;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/**
 * How a conversation is written for the model: the templates of the Qwen3 family, which share the
 * turn {@code <|im_start|>role\ncontent<|im_end|>\n} and differ in reasoning. They are written out
 * in Java and not read from the model's Jinja source; {@link #recognise} tells which one a source
 * stands for.
 */
public enum ChatTemplate {
  /** Qwen3-*-Instruct-2507: no reasoning; also plain ChatML. */
  QWEN3_INSTRUCT_2507("qwen3-instruct-2507"),
  /** Qwen3-*-Thinking-2507: the template opens the reasoning. */
  QWEN3_THINKING_2507("qwen3-thinking-2507"),
  /**
   * Qwen3-* of April 2025: the model decides, and opens its reasoning itself, unless {@code
   * enable_thinking} is false. The soft switches {@code /think} and {@code /no_think} are text to
   * the template.
   */
  QWEN3_HYBRID("qwen3-hybrid");

  /** As Jinja source has it, where {@code \n} is an escape in a string literal. */
  private static final String OPENS_REASONING = "<|im_start|>assistant\\n<think>\\n'";

  private final String wireName;

  ChatTemplate(String wireName) {
    this.wireName = wireName;
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
    if (jinja == null) {
      throw unknown("the model has none");
    }
    if (!jinja.contains("<|im_start|>") || !jinja.contains("<|im_end|>")) {
      throw unknown("it has no <|im_start|> and <|im_end|> around turns");
    }
    if (jinja.contains("You are Qwen") || jinja.contains("helpful assistant")) {
      throw unknown("it adds a system message of its own, as Qwen2.5's does");
    }
    if (jinja.contains("<function=")) {
      throw unknown("it writes tool calls as XML, as Qwen3-Coder's does");
    }
    if (jinja.contains("enable_thinking")) {
      return QWEN3_HYBRID;
    }
    String source = jinja.replace("\n", "\\n").replace('"', '\'');
    return source.contains(OPENS_REASONING) ? QWEN3_THINKING_2507 : QWEN3_INSTRUCT_2507;
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
    ChatRenderer renderer = new ChatRenderer(messages, this != QWEN3_INSTRUCT_2507);
    renderer.conversation(tools);
    if (addGenerationPrompt) {
      boolean reasoningIsOff = enableThinking != null && !enableThinking;
      renderer.generationPrompt(
          opensReasoning() ? "<think>\n" : reasoningIsOff ? "<think>\n\n</think>\n\n" : "");
    }
    return renderer.text();
  }

  private static UserException unknown(String reason) {
    return new UserException(
        "Cannot recognise the model's chat template",
        reason,
        "Name the one that the model was trained with in `chat_template`: " + names());
  }

  private static String names() {
    return Arrays.stream(values()).map(ChatTemplate::wireName).collect(Collectors.joining(", "));
  }
}
