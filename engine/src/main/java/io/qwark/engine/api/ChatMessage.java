package io.qwark.engine.api;

import java.io.Serializable;
import java.util.List;

/**
 * One turn of a conversation, in the shape of the OpenAI chat format.
 *
 * @param role system, user, assistant or tool
 * @param content may be null for an assistant that only calls tools
 * @param reasoningContent reasoning kept apart from content, or null
 * @param toolCalls JSON objects {@code {"name":…,"arguments":…}} (or wrapped in {@code function}),
 *     as text; empty for none
 */
public record ChatMessage(
    String role, String content, String reasoningContent, List<String> toolCalls)
    implements Serializable {
  public ChatMessage {
    toolCalls = List.copyOf(toolCalls);
  }

  public ChatMessage(String role, String content) {
    this(role, content, null, List.of());
  }
}
