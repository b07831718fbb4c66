package io.qwark.engine.text;

import java.util.List;

/** How a family of templates writes a conversation. */
interface ChatStyle {
  /**
   * @param tools JSON objects as text, or empty
   * @param generationPrompt what follows the opening of a turn for the answer; null for no such
   *     turn
   * @throws io.qwark.engine.api.RequestException if the template has no place for something
   */
  String render(Conversation conversation, List<String> tools, String generationPrompt);

  /** Marks around turns that a tokenizer has to have a token for. */
  List<String> marks();
}
