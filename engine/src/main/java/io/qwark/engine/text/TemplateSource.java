package io.qwark.engine.text;

import io.qwark.engine.api.UserException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Tells by its Jinja source which template a model has. */
final class TemplateSource {
  /** As Jinja source has it, where {@code \n} is an escape in a string literal. */
  private static final String OPENS_REASONING = "<|im_start|>assistant\\n<think>\\n'";

  private static final String EXPLAINS_TOOLS =
      "# Tools\\n\\nYou may call one or more functions to assist with the user query.";
  private static final Pattern DEFAULT_SYSTEM =
      Pattern.compile("<\\|im_start\\|>system\\\\n([^'<]+)<\\|im_end\\|>");

  private TemplateSource() {}

  static ChatTemplate recognise(String jinja) {
    if (jinja == null) {
      throw unknown("the model has none");
    }
    // One spelling of line ends and of quotes in literals.
    String source = jinja.replace("\n", "\\n").replace('"', '\'');
    if (source.contains("<|start_header_id|>") && source.contains("<|eot_id|>")) {
      return llama3(source);
    }
    if (source.contains("<|user|>") && source.contains("<|assistant|>")) {
      return zephyr(source);
    }
    if (!source.contains("<|im_start|>") || !source.contains("<|im_end|>")) {
      throw unknown(
          "it has neither <|im_start|> and <|im_end|> around turns, nor <|start_header_id|> and"
              + " <|eot_id|>, nor <|user|> and <|assistant|>");
    }
    return chatMl(source);
  }

  private static ChatTemplate chatMl(String source) {
    if (source.contains("<function=")) {
      throw unknown("it writes tool calls as XML, as Qwen3-Coder's does");
    }
    Matcher system = DEFAULT_SYSTEM.matcher(source);
    if (system.find()) {
      return withSystem(system.group(1), source);
    }
    if (namesItself(source)) {
      throw unknown("it adds a system message of its own in a way that is not known");
    }
    if (source.contains("enable_thinking")) {
      return ChatTemplate.QWEN3_HYBRID;
    }
    if (source.contains(OPENS_REASONING)) {
      return ChatTemplate.QWEN3_THINKING_2507;
    }
    if (!source.contains("tools")) {
      return ChatTemplate.CHATML;
    }
    if (!source.contains(EXPLAINS_TOOLS)) {
      throw unknown("it explains tools in a way that is not known");
    }
    return ChatTemplate.QWEN3_INSTRUCT_2507;
  }

  private static ChatTemplate withSystem(String system, String source) {
    // A backslash in a literal is written twice.
    String text = system.replace("\\\\", "\\");
    if (source.contains(EXPLAINS_TOOLS)) {
      if (text.equals(SystemPrompts.QWEN2_5_MATH)) {
        return ChatTemplate.QWEN2_5_MATH;
      }
      if (text.equals(SystemPrompts.QWEN2_5)) {
        return source.contains("{{\\'name\\'") ? ChatTemplate.QWEN2_5_GGUF : ChatTemplate.QWEN2_5;
      }
    } else if (!source.contains("tools")) {
      if (text.equals(SystemPrompts.QWEN2)) {
        return ChatTemplate.QWEN2;
      }
      if (text.equals(SystemPrompts.SMOLLM2)) {
        return ChatTemplate.SMOLLM2;
      }
    }
    throw unknown("it adds a system message of its own: " + text);
  }

  private static ChatTemplate zephyr(String source) {
    for (String role : new String[] {"user", "system", "assistant"}) {
      String turn =
          "'<\\|" + role + "\\|>\\\\n' *\\+ *message\\['content'] *\\+ *eos_token *}}\\\\n";
      if (!Pattern.compile(turn).matcher(source).find()) {
        throw unknown("it has <|user|> and <|assistant|> and is otherwise not as Zephyr's");
      }
    }
    return ChatTemplate.ZEPHYR;
  }

  private static ChatTemplate llama3(String source) {
    if (!source.contains("trim")) {
      throw unknown("it has Llama 3's marks and does not trim what they enclose");
    }
    if (!source.contains("Today Date")) {
      if (source.contains("tools") || namesItself(source)) {
        throw unknown("it has Llama 3's marks and is otherwise not as Llama 3's");
      }
      return ChatTemplate.LLAMA3;
    }
    boolean known =
        source.contains("Cutting Knowledge Date: December 2023\\n")
            && source.contains("'26 Jul 2024'")
            && source.contains("Given the following functions, please respond with a JSON")
            && source.contains("set tools_in_user_message = true");
    if (!known) {
      throw unknown("it has Llama 3's marks and is otherwise not as Llama 3.1's to 3.3's");
    }
    return ChatTemplate.LLAMA3_1;
  }

  /** "You are provided with function signatures" is another matter. */
  private static boolean namesItself(String source) {
    return source.contains("You are a ")
        || source.contains("You are Qwen")
        || source.contains("helpful assistant");
  }

  private static UserException unknown(String reason) {
    return new UserException(
        "Cannot recognise the model's chat template",
        reason,
        "Name the one that the model was trained with in `chat_template`: " + ChatTemplate.names());
  }
}
