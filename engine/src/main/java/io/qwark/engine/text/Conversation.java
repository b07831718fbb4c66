package io.qwark.engine.text;

import io.qwark.engine.api.ChatMessage;
import io.qwark.engine.api.ErrorCode;
import io.qwark.engine.api.RequestException;
import java.util.List;
import java.util.Set;

/** The messages of one prompt, with the checks that all templates share. */
final class Conversation {
  private static final Set<String> ROLES = Set.of("system", "user", "assistant", "tool");

  private final List<ChatMessage> messages;

  /**
   * @throws RequestException if it is empty, or a message not well-formed
   */
  Conversation(List<ChatMessage> messages) {
    if (messages.isEmpty()) {
      throw new RequestException(
          ErrorCode.EMPTY_PROMPT, "Cannot render a conversation without messages");
    }
    this.messages = messages;
    for (int i = 0; i < messages.size(); i++) {
      check(i);
    }
  }

  int size() {
    return messages.size();
  }

  /** One of system, user, assistant, tool. */
  String role(int index) {
    return messages.get(index).role();
  }

  boolean is(String role, int index) {
    return index >= 0 && index < messages.size() && role(index).equals(role);
  }

  /** Never null but for an assistant that calls tools or only reasons: then empty. */
  String content(int index) {
    String content = messages.get(index).content();
    return content == null ? "" : content;
  }

  /** An assistant's; null if it is not given apart from the content. */
  String reasoning(int index) {
    return messages.get(index).reasoningContent();
  }

  /** An assistant's, as JSON. */
  List<String> toolCalls(int index) {
    return messages.get(index).toolCalls();
  }

  RequestException wrong(int index, String reason) {
    return new RequestException(
        ErrorCode.INVALID_PROMPT, "Cannot render message " + (index + 1) + ": " + reason);
  }

  /** What a template would pass over in silence is refused. */
  private void check(int index) {
    ChatMessage message = messages.get(index);
    String role = String.valueOf(message.role());
    String reasoning = message.reasoningContent();
    if (!ROLES.contains(role)) {
      throw wrong(index, "its role is " + role + ", not one of system, user, assistant, tool");
    }
    if (role.equals("assistant")) {
      if (message.content() == null && message.toolCalls().isEmpty() && reasoning == null) {
        throw wrong(index, "it has neither content nor tool calls");
      }
    } else if (!message.toolCalls().isEmpty()) {
      throw wrong(index, "it has tool calls and is of the role " + role);
    } else if (reasoning != null && !reasoning.isEmpty()) {
      throw wrong(index, "it has reasoning and is of the role " + role);
    } else if (message.content() == null) {
      throw wrong(index, "it has no content");
    }
  }
}
