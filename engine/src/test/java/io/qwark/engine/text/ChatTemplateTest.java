package io.qwark.engine.text;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.qwark.engine.api.ChatMessage;
import io.qwark.engine.api.ErrorCode;
import io.qwark.engine.api.RequestException;
import io.qwark.engine.api.UserException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class ChatTemplateTest {
  private static final ChatMessage HI = new ChatMessage("user", "Hi");

  /** Rendered by transformers with the models' own templates, see chat_template_golden.py. */
  @ParameterizedTest
  @MethodSource("goldens")
  void rendersAsTheModelsOwnTemplate(JsonNode golden) {
    assertEquals(
        golden.get("expected").asText(),
        render(ChatTemplate.of(golden.get("template").asText()), golden));
  }

  /** The same for other models, see chat_families_golden.py. */
  @ParameterizedTest
  @MethodSource("otherGoldens")
  void rendersAsTheTemplatesOfOtherModels(JsonNode golden) {
    assertEquals(
        golden.get("expected").asText(),
        render(ChatTemplate.of(golden.get("template").asText()), golden));
  }

  static List<JsonNode> otherGoldens() {
    return GoldenFile.committed("chat_families_golden.jsonl");
  }

  static List<JsonNode> goldens() {
    return GoldenFile.committed("chat_template_golden.jsonl");
  }

  @Test
  void rendersTheSharedGoldens() throws IOException {
    List<JsonNode> goldens = GoldenFile.shared("data/chat-template/render_golden.jsonl");
    assertEquals(30, goldens.size());
    for (JsonNode golden : goldens) {
      ChatTemplate template = ChatTemplate.of("qwen3-" + golden.get("template").asText());
      assertEquals(golden.get("expected").asText(), render(template, golden), golden::toString);
    }
  }

  /** The thinking template differs from the hybrid one in the opened turn alone. */
  @ParameterizedTest
  @MethodSource("goldens")
  void thinkingTreatsHistoryAsHybridDoes(JsonNode golden) {
    boolean hybrid = golden.get("template").asText().equals("qwen3-hybrid");
    if (hybrid && golden.get("enable_thinking").isNull()) {
      String opening = golden.get("add_generation_prompt").asBoolean() ? "<think>\n" : "";
      assertEquals(
          golden.get("expected").asText() + opening,
          render(ChatTemplate.QWEN3_THINKING_2507, golden));
    }
  }

  @Test
  void onlyThinkingOpensReasoning() {
    assertTrue(ChatTemplate.QWEN3_THINKING_2507.opensReasoning());
    assertFalse(ChatTemplate.QWEN3_HYBRID.opensReasoning());
    assertFalse(ChatTemplate.QWEN3_INSTRUCT_2507.opensReasoning());
  }

  @Test
  void enableThinkingIsAChoiceOfHybridModelsAlone() {
    ChatTemplate.QWEN3_HYBRID.checkThinking(true);
    ChatTemplate.QWEN3_THINKING_2507.checkThinking(null);
    for (ChatTemplate other :
        List.of(ChatTemplate.QWEN3_INSTRUCT_2507, ChatTemplate.QWEN3_THINKING_2507)) {
      UserException e = assertThrows(UserException.class, () -> other.checkThinking(false));
      assertTrue(e.getMessage().contains("only qwen3-hybrid has that choice"), e.getMessage());
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"QWEN2", "SMOLLM2", "CHATML", "ZEPHYR", "LLAMA3"})
  void templatesWithoutAPlaceForToolsRefuseThem(ChatTemplate template) {
    List<ChatMessage> call = List.of(HI, new ChatMessage("assistant", "", null, CALL));
    List<ChatMessage> response = List.of(HI, message("tool", "7"));
    String tool = "{\"name\":\"f\"}";
    assertCode(
        ErrorCode.INVALID_PROMPT, "Cannot offer tools", template, List.of(HI), List.of(tool));
    assertCode(ErrorCode.INVALID_PROMPT, "message 2: ", template, call, List.of());
    assertCode(ErrorCode.INVALID_PROMPT, "message 2: ", template, response, List.of());
  }

  @Test
  void llama31TakesOneCallWithoutContentAndToolsOnlyWithAUsersMessage() {
    ChatTemplate template = ChatTemplate.LLAMA3_1;
    List<String> two = List.of(CALL.get(0), CALL.get(0));
    assertInvalid(template, "more than one", HI, new ChatMessage("assistant", "", null, two));
    assertInvalid(
        template, "content and a tool", HI, new ChatMessage("assistant", "x", null, CALL));
    assertCode(
        ErrorCode.INVALID_PROMPT,
        "message 1: tools are written into the first user's message",
        template,
        List.of(message("system", "x")),
        CALL);
  }

  @Test
  void numbersInToolsStayAsTheyAreWritten() {
    String tool = "{\"n\":[1.50,1e5,-0,123456789012345678901234567890]}";
    String text = ChatTemplate.QWEN3_INSTRUCT_2507.render(List.of(HI), List.of(tool), false, null);
    assertTrue(text.contains("{\"n\": [1.50, 1e5, -0, 123456789012345678901234567890]}"), text);
  }

  @ParameterizedTest
  @EnumSource
  void anEmptyConversationIsRefused(ChatTemplate template) {
    assertCode(ErrorCode.EMPTY_PROMPT, "without messages", template, List.of(), List.of());
  }

  @ParameterizedTest
  @EnumSource
  void malformedConversationsAreRefusedAndNameTheMessage(ChatTemplate template) {
    assertInvalid(template, "message 2: its role is developer", HI, message("developer", "x"));
    assertInvalid(template, "message 1: its role is null", message(null, "x"));
    assertInvalid(template, "message 1: its role is User", message("User", "x"));
    assertInvalid(template, "message 1: it has no content", message("user", null));
    assertInvalid(template, "message 1: it has no content", message("system", null));
    assertInvalid(template, "message 2: it has no content", HI, message("tool", null));
    assertInvalid(template, "neither content nor tool calls", HI, message("assistant", null));
    assertInvalid(
        template,
        "reasoning and is of the role user",
        new ChatMessage("user", "x", "r", List.of()));
    assertInvalid(
        template, "tool calls and is of the role tool", new ChatMessage("tool", "x", null, CALL));
  }

  private static final List<String> CALL = List.of("{\"name\":\"f\",\"arguments\":{}}");

  @Test
  void anAssistantThatOnlyCallsToolsNeedsNoContent() {
    String text =
        ChatTemplate.QWEN3_INSTRUCT_2507.render(
            List.of(HI, new ChatMessage("assistant", null, null, CALL)), List.of(), false, null);
    assertTrue(
        text.endsWith(
            "<|im_start|>assistant\n<tool_call>\n{\"name\": \"f\", \"arguments\": {}}\n"
                + "</tool_call><|im_end|>\n"),
        text);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{                             | not valid JSON",
        "[]                            | not a JSON object",
        "{\"a\":1,\"a\":2}             | Duplicate",
        "{\"a\":1} x                   | not valid JSON",
        "{\"a\":1} {}                  | something follows",
        "``                            | not a JSON object"
      })
  void malformedToolsAndCallsAreRefused(String json, String reason) {
    ChatTemplate template = ChatTemplate.QWEN3_INSTRUCT_2507;
    assertCode(ErrorCode.INVALID_PROMPT, "tool 1: ", template, List.of(HI), List.of(json));
    assertCode(ErrorCode.INVALID_PROMPT, reason, template, List.of(HI), List.of(json));
    ChatMessage call = new ChatMessage("assistant", "x", null, List.of(json));
    assertInvalid(template, "a tool call of message 2: ", HI, call);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {"{\"name\":\"f\"}", "{\"arguments\":{}}", "{\"function\":{\"name\":\"f\"}}", "{}"})
  void toolCallsWithoutNameOrArgumentsAreRefused(String json) {
    ChatMessage call = new ChatMessage("assistant", "x", null, List.of(json));
    assertInvalid(ChatTemplate.QWEN3_HYBRID, "lacks its name or its arguments", HI, call);
  }

  @Test
  void deeplyNestedToolsAreRefusedNotFollowed() {
    String json = "{\"a\":" + "[".repeat(100_000);
    assertCode(
        ErrorCode.INVALID_PROMPT,
        "nesting depth",
        ChatTemplate.QWEN3_HYBRID,
        List.of(HI),
        List.of(json));
  }

  private static ChatMessage message(String role, String content) {
    return new ChatMessage(role, content);
  }

  private static void assertInvalid(ChatTemplate template, String part, ChatMessage... messages) {
    assertCode(ErrorCode.INVALID_PROMPT, part, template, List.of(messages), List.of());
  }

  private static void assertCode(
      ErrorCode code,
      String part,
      ChatTemplate template,
      List<ChatMessage> messages,
      List<String> tools) {
    RequestException e =
        assertThrows(RequestException.class, () -> template.render(messages, tools, true, null));
    assertEquals(code, e.code());
    assertTrue(e.getMessage().contains(part), e.getMessage());
  }

  private static String render(ChatTemplate template, JsonNode golden) {
    List<ChatMessage> messages = new ArrayList<>();
    for (JsonNode message : golden.get("messages")) {
      messages.add(
          new ChatMessage(
              message.get("role").asText(),
              message.path("content").textValue(),
              message.path("reasoning_content").textValue(),
              texts(message.path("tool_calls"))));
    }
    JsonNode thinking = golden.path("enable_thinking");
    return template.render(
        messages,
        texts(golden.path("tools")),
        golden.get("add_generation_prompt").asBoolean(),
        thinking.isBoolean() ? thinking.asBoolean() : null);
  }

  private static List<String> texts(JsonNode list) {
    List<String> texts = new ArrayList<>();
    list.forEach(node -> texts.add(node.toString()));
    return texts;
  }
}
