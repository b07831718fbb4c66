package io.qwark.engine.api;

import java.util.List;

/** What a row asks of the model, in one of three forms. */
public sealed interface Prompt {

  /** Text that is tokenized as it stands, special tokens in it included; no chat template. */
  record Text(String text) implements Prompt {}

  /**
   * A conversation to be rendered with the model's chat template and an opened assistant turn.
   *
   * @param tools JSON tool definitions as text, or empty
   */
  record Chat(List<ChatMessage> messages, List<String> tools) implements Prompt {
    public Chat {
      messages = List.copyOf(messages);
      tools = List.copyOf(tools);
    }
  }

  /** Token ids, used as they are. */
  record Tokens(int[] ids) implements Prompt {}
}
