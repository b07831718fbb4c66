package io.qwark.engine.text;

import java.util.List;

/**
 * The manner of Qwen2.5 and Qwen3.
 *
 * @param reasons whether an assistant's reasoning is told from its answer, and kept only after the
 *     last message in which a user asked something: a user turn that merely wraps a tool response
 *     does not count
 * @param defaultSystem what the system says where the conversation does not begin with it, or null
 * @param textArguments whether a call's arguments that are text are written as they stand; else as
 *     a JSON string
 * @param callExample what tool calls are said to look like
 */
record QwenTurns(boolean reasons, String defaultSystem, boolean textArguments, String callExample)
    implements ChatStyle {
  static final String CALL_EXAMPLE =
      "{\"name\": <function-name>, \"arguments\": <args-json-object>}";

  private static final String START = "<|im_start|>";
  private static final String END = "<|im_end|>\n";

  static QwenTurns qwen3(boolean reasons) {
    return new QwenTurns(reasons, null, true, CALL_EXAMPLE);
  }

  static QwenTurns qwen25(String defaultSystem) {
    return new QwenTurns(false, defaultSystem, false, CALL_EXAMPLE);
  }

  @Override
  public List<String> marks() {
    return List.of(START, "<|im_end|>");
  }

  @Override
  public String render(Conversation conversation, List<String> tools, String generationPrompt) {
    Writer writer = new Writer(conversation);
    writer.conversation(tools);
    if (generationPrompt != null) {
      writer.out.append(START).append("assistant\n").append(generationPrompt);
    }
    return writer.out.toString();
  }

  /** One conversation on its way. */
  private final class Writer {
    private final Conversation messages;
    private final StringBuilder out = new StringBuilder();

    Writer(Conversation messages) {
      this.messages = messages;
    }

    void conversation(List<String> tools) {
      boolean systemFirst = messages.is("system", 0);
      String system = systemFirst ? messages.content(0) : defaultSystem;
      if (!tools.isEmpty()) {
        tools(tools, system == null ? "" : system + "\n\n");
      } else if (system != null) {
        turn("system", system);
      }
      int lastQuery = lastQuery();
      for (int i = systemFirst ? 1 : 0; i < messages.size(); i++) {
        switch (messages.role(i)) {
          case "assistant" -> assistant(i, lastQuery);
          case "tool" -> toolResponse(i);
          default -> turn(messages.role(i), messages.content(i));
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
      out.append(
              "\n</tools>\n\nFor each function call, return a json object with function name and")
          .append(" arguments within <tool_call></tool_call> XML tags:\n<tool_call>\n")
          .append(callExample)
          .append("\n</tool_call>")
          .append(END);
    }

    private void assistant(int index, int lastQuery) {
      String content = messages.content(index);
      String apart = messages.reasoning(index);
      String reasoning = apart == null ? "" : apart;
      if (reasons && apart == null && content.contains("</think>")) {
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
      List<String> calls = messages.toolCalls(index);
      for (int i = 0; i < calls.size(); i++) {
        if (i > 0 || !content.isEmpty()) {
          out.append('\n');
        }
        ToolCall call = ToolCall.parse(calls.get(i), "message " + (index + 1));
        out.append("<tool_call>\n{\"name\": \"").append(call.name());
        out.append("\", \"arguments\": ")
            .append(textArguments ? call.arguments() : call.json())
            .append("}\n</tool_call>");
      }
      out.append(END);
    }

    /** Responses that follow each other share one user turn. */
    private void toolResponse(int index) {
      if (!messages.is("tool", index - 1)) {
        out.append(START).append("user");
      }
      out.append("\n<tool_response>\n")
          .append(messages.content(index))
          .append("\n</tool_response>");
      if (!messages.is("tool", index + 1)) {
        out.append(END);
      }
    }

    private int lastQuery() {
      for (int i = messages.size() - 1; i >= 0; i--) {
        if (messages.is("user", i)) {
          String content = messages.content(i);
          if (!content.startsWith("<tool_response>") || !content.endsWith("</tool_response>")) {
            return i;
          }
        }
      }
      return messages.size() - 1;
    }
  }
}
