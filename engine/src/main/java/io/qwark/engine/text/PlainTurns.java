package io.qwark.engine.text;

import io.qwark.engine.api.ErrorCode;
import io.qwark.engine.api.RequestException;
import java.util.List;

/**
 * Turns that follow each other, without tools: {@code start role middle content end}.
 *
 * @param begin before the first turn
 * @param defaultSystem what the system says where the conversation does not begin with it, or null
 * @param trims whether white space around a content is dropped
 * @param marks see {@link #marks}
 */
record PlainTurns(
    String begin,
    String start,
    String middle,
    String end,
    String defaultSystem,
    boolean trims,
    List<String> marks)
    implements ChatStyle {

  static PlainTurns chatMl(String defaultSystem) {
    return new PlainTurns(
        "",
        "<|im_start|>",
        "\n",
        "<|im_end|>\n",
        defaultSystem,
        false,
        List.of("<|im_start|>", "<|im_end|>"));
  }

  @Override
  public String render(Conversation conversation, List<String> tools, String generationPrompt) {
    if (!tools.isEmpty()) {
      throw new RequestException(
          ErrorCode.INVALID_PROMPT,
          "Cannot offer tools: the model's chat template has no place for them");
    }
    StringBuilder out = new StringBuilder(begin);
    if (defaultSystem != null && !conversation.is("system", 0)) {
      turn("system", defaultSystem, out);
    }
    for (int i = 0; i < conversation.size(); i++) {
      if (conversation.is("tool", i) || !conversation.toolCalls(i).isEmpty()) {
        throw conversation.wrong(i, "the model's chat template has no place for calls of tools");
      }
      turn(conversation.role(i), conversation.content(i), out);
    }
    if (generationPrompt != null) {
      out.append(start).append("assistant").append(middle).append(generationPrompt);
    }
    return out.toString();
  }

  private void turn(String role, String content, StringBuilder out) {
    out.append(start).append(role).append(middle);
    out.append(trims ? PythonText.strip(content) : content).append(end);
  }
}
