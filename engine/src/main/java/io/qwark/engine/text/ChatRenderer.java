package io.qwark.engine.text;

import io.qwark.engine.api.ChatMessage;
import io.qwark.engine.api.ErrorCode;
import io.qwark.engine.api.RequestException;
import java.util.List;

/**
 * Writes one conversation in the manner of Qwen3. With {@code reasons}, an assistant's reasoning is
 * told from its answer, and kept only after the last message in which a user asked something: a
 * user turn that merely wraps a tool response does not count.
 */
final class ChatRenderer {
  private static final String START = "<|im_start|>";
  private static final String END = "<|im_end|>\n";

  private final List<ChatMessage> messages;
  private final boolean reasons;
  private final StringBuilder out = new StringBuilder();

  ChatRenderer(List<ChatMessage> messages, boolean reasons) {
    if (messages.isEmpty()) {
      throw new RequestException(
          ErrorCode.EMPTY_PROMPT, "Cannot render a conversation without messages");
    }
    this.messages = messages;
    this.reasons = reasons;
  }

  String text() {
    return out.toString();
  }

  void generationPrompt(String opening) {
    out.append(START).append("assistant\n").append(opening);
  }

  void conversation(List<String> tools) {
    boolean systemFirst = "system".equals(messages.get(0).role());
    if (!tools.isEmpty()) {
      tools(tools, systemFirst ? content(0) + "\n\n" : "");
    } else if (systemFirst) {
      turn("system", content(0));
    }
    int lastQuery = lastQuery();
    for (int i = systemFirst ? 1 : 0; i < messages.size(); i++) {
      String role = String.valueOf(messages.get(i).role());
      checkParts(i, role);
      switch (role) {
        case "user", "system" -> turn(role, content(i));
        case "assistant" -> assistant(i, lastQuery);
        case "tool" -> toolResponse(i);
        default ->
            throw wrong(i, "its role is " + role + ", not one of system, user, assistant, tool");
      }
    }
  }

  private void turn(String role, String content) {
    out.append(START).append(role).append('\n').append(content).append(END);
  }

  private void tools(List<String> tools, String system) {
    out.append(START).append("system\n").append(system);
    out.append("# Tools\n\nYou may call one or more functions to assist with the user query.\n\n")
        .append("You are provided with function signatures within <tools></tools> XML tags:\n")
        .append("<tools>");
    for (int i = 0; i < tools.size(); i++) {
      out.append('\n').append(PythonJson.object(tools.get(i), "tool " + (i + 1)));
    }
    out.append("\n</tools>\n\nFor each function call, return a json object with function name and")
        .append(" arguments within <tool_call></tool_call> XML tags:\n<tool_call>\n")
        .append("{\"name\": <function-name>, \"arguments\": <args-json-object>}\n</tool_call>")
        .append(END);
  }

  private void assistant(int index, int lastQuery) {
    ChatMessage message = messages.get(index);
    String content = message.content() == null ? "" : message.content();
    String reasoning = message.reasoningContent() == null ? "" : message.reasoningContent();
    if (reasons && message.reasoningContent() == null && content.contains("</think>")) {
      String before = Newlines.trimEnd(content.substring(0, content.indexOf("</think>")));
      int open = before.lastIndexOf("<think>");
      reasoning = Newlines.trimStart(open < 0 ? before : before.substring(open + 7));
      content = Newlines.trimStart(content.substring(content.lastIndexOf("</think>") + 8));
    }
    boolean isLast = index == messages.size() - 1;
    out.append(START).append("assistant\n");
    if (reasons && index > lastQuery && (isLast || !reasoning.isEmpty())) {
      out.append("<think>\n").append(Newlines.trim(reasoning)).append("\n</think>\n\n");
      out.append(Newlines.trimStart(content));
    } else {
      out.append(content);
    }
    for (int i = 0; i < message.toolCalls().size(); i++) {
      if (i > 0 || !content.isEmpty()) {
        out.append('\n');
      }
      ToolCall call = ToolCall.parse(message.toolCalls().get(i), "message " + (index + 1));
      out.append("<tool_call>\n{\"name\": \"").append(call.name());
      out.append("\", \"arguments\": ").append(call.arguments()).append("}\n</tool_call>");
    }
    out.append(END);
  }

  /** Responses that follow each other share one user turn. */
  private void toolResponse(int index) {
    if (index == 0 || !isTool(index - 1)) {
      out.append(START).append("user");
    }
    out.append("\n<tool_response>\n").append(content(index)).append("\n</tool_response>");
    if (index == messages.size() - 1 || !isTool(index + 1)) {
      out.append(END);
    }
  }

  private boolean isTool(int index) {
    return "tool".equals(messages.get(index).role());
  }

  private int lastQuery() {
    for (int i = messages.size() - 1; i >= 0; i--) {
      ChatMessage message = messages.get(i);
      if ("user".equals(message.role())) {
        String content = content(i);
        if (!content.startsWith("<tool_response>") || !content.endsWith("</tool_response>")) {
          return i;
        }
      }
    }
    return messages.size() - 1;
  }

  private String content(int index) {
    String content = messages.get(index).content();
    if (content == null) {
      throw wrong(index, "it has no content");
    }
    return content;
  }

  /** What the template would pass over in silence is refused. */
  private void checkParts(int index, String role) {
    ChatMessage message = messages.get(index);
    String reasoning = message.reasoningContent();
    if (role.equals("assistant")) {
      if (message.content() == null && message.toolCalls().isEmpty() && reasoning == null) {
        throw wrong(index, "it has neither content nor tool calls");
      }
    } else if (!message.toolCalls().isEmpty()) {
      throw wrong(index, "it has tool calls and is of the role " + role);
    } else if (reasoning != null && !reasoning.isEmpty()) {
      throw wrong(index, "it has reasoning and is of the role " + role);
    }
  }

  private static RequestException wrong(int index, String reason) {
    return new RequestException(
        ErrorCode.INVALID_PROMPT, "Cannot render message " + (index + 1) + ": " + reason);
  }
}
