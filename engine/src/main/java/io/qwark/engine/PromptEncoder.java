package io.qwark.engine;

import io.qwark.engine.api.ErrorCode;
import io.qwark.engine.api.Prompt;
import io.qwark.engine.api.RequestException;
import io.qwark.engine.text.ChatTemplate;
import io.qwark.engine.text.Tokenizer;

/** Turns prompts of any form into tokens. */
final class PromptEncoder {
  private final Tokenizer tokenizer;
  private final ChatTemplate template;
  private final Boolean enableThinking;

  PromptEncoder(Tokenizer tokenizer, ChatTemplate template, Boolean enableThinking) {
    this.tokenizer = tokenizer;
    this.template = template;
    this.enableThinking = enableThinking;
  }

  /**
   * @throws RequestException if the prompt is empty or not well-formed
   */
  int[] encode(Prompt prompt) {
    if (prompt instanceof Prompt.Tokens tokens) {
      return tokens.ids();
    }
    if (prompt instanceof Prompt.Text text) {
      if (text.text().isEmpty()) {
        throw new RequestException(ErrorCode.EMPTY_PROMPT, "The prompt is empty");
      }
      return tokenizer.encodePrompt(text.text());
    }
    if (prompt instanceof Prompt.Chat chat) {
      return tokenizer.encode(template.render(chat.messages(), chat.tools(), true, enableThinking));
    }
    throw new IllegalArgumentException("a prompt of another form: " + prompt);
  }
}
