package io.qwark.engine.text;

import java.util.List;

/**
 * Llama 3.1, 3.2 and 3.3: the system always speaks first and gives two dates, tools stand before
 * the first user's message. The day is the one that the templates fall back to (3.1's) or where
 * they cannot know the day (3.2's, which otherwise ask the clock): a prompt is then the same every
 * day.
 */
final class Llama31Turns implements ChatStyle {
  private static final String END = "<|eot_id|>";
  private static final String DATES =
      "Cutting Knowledge Date: December 2023\nToday Date: 26 Jul 2024\n\n";

  @Override
  public List<String> marks() {
    return List.of("<|begin_of_text|>", "<|start_header_id|>", "<|end_header_id|>", END);
  }

  @Override
  public String render(Conversation conversation, List<String> tools, String generationPrompt) {
    StringBuilder out = new StringBuilder("<|begin_of_text|>");
    boolean systemFirst = conversation.is("system", 0);
    header("system", out).append(tools.isEmpty() ? "" : "Environment: ipython\n").append(DATES);
    out.append(systemFirst ? PythonText.strip(conversation.content(0)) : "").append(END);
    int first = systemFirst ? 1 : 0;
    if (!tools.isEmpty()) {
      if (!conversation.is("user", first)) {
        throw conversation.wrong(
            Math.min(first, conversation.size() - 1),
            "tools are written into the first user's message, which is missing here");
      }
      firstUser(conversation, first, tools, out);
      first++;
    }
    for (int i = first; i < conversation.size(); i++) {
      if (!conversation.toolCalls(i).isEmpty()) {
        toolCall(conversation, i, out);
      } else if (conversation.is("tool", i)) {
        header("ipython", out).append(PythonJson.string(conversation.content(i))).append(END);
      } else {
        header(conversation.role(i), out);
        out.append(PythonText.strip(conversation.content(i))).append(END);
      }
    }
    if (generationPrompt != null) {
      header("assistant", out).append(generationPrompt);
    }
    return out.toString();
  }

  private static StringBuilder header(String role, StringBuilder out) {
    return out.append("<|start_header_id|>").append(role).append("<|end_header_id|>\n\n");
  }

  private static void firstUser(
      Conversation conversation, int index, List<String> tools, StringBuilder out) {
    header("user", out)
        .append("Given the following functions, please respond with a JSON for a function call ")
        .append("with its proper arguments that best answers the given prompt.\n\n")
        .append("Respond in the format {\"name\": function name, \"parameters\": dictionary of ")
        .append("argument name and its value}.Do not use variables.\n\n");
    for (int i = 0; i < tools.size(); i++) {
      out.append(PythonJson.indented(tools.get(i), "tool " + (i + 1))).append("\n\n");
    }
    out.append(PythonText.strip(conversation.content(index))).append(END);
  }

  private static void toolCall(Conversation conversation, int index, StringBuilder out) {
    if (conversation.toolCalls(index).size() > 1) {
      throw conversation.wrong(index, "it has more than one tool call, Llama's templates take one");
    }
    if (!conversation.content(index).isEmpty()) {
      throw conversation.wrong(index, "it has content and a tool call, Llama's templates take one");
    }
    ToolCall call = ToolCall.parse(conversation.toolCalls(index).get(0), "message " + (index + 1));
    header("assistant", out)
        .append("{\"name\": \"")
        .append(call.name())
        .append("\", \"parameters\": ")
        .append(call.json())
        .append('}')
        .append(END);
  }
}
