package io.qwark.engine.text;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.qwark.engine.api.UserException;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class ChatTemplateRecognitionTest {
  private static final String CHATML =
      "{% for m in messages %}{{ '<|im_start|>' + m.role + '\\n' + m.content + '<|im_end|>\\n' }}"
          + "{% endfor %}";

  @Test
  void recognisesTheInstructModelsOwnTemplate() throws IOException {
    String template =
        GoldenFile.MAPPER
            .readTree(
                GoldenFile.sharedPath("data/chat-template/tokenizer_config.instruct-2507.json")
                    .toFile())
            .get("chat_template")
            .asText();
    assertEquals(ChatTemplate.QWEN3_INSTRUCT_2507, ChatTemplate.recognise(template));
  }

  @Test
  void plainChatMlIsTheInstructTemplate() {
    assertEquals(
        ChatTemplate.QWEN3_INSTRUCT_2507,
        ChatTemplate.recognise(CHATML + "{{ '<|im_start|>assistant\\n' }}"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {"{{- '%s' }}", "{{- \"%s\" }}"})
  void aTemplateThatOpensReasoningIsTheThinkingOne(String statement) {
    String opening = "<|im_start|>assistant\\n<think>\\n";
    assertEquals(
        ChatTemplate.QWEN3_THINKING_2507,
        ChatTemplate.recognise(CHATML + statement.formatted(opening)));
    assertEquals(
        ChatTemplate.QWEN3_THINKING_2507,
        ChatTemplate.recognise(CHATML + statement.formatted(opening.replace("\\n", "\n"))));
  }

  @Test
  void reasoningInHistoryAloneIsNotTheThinkingTemplate() {
    assertEquals(
        ChatTemplate.QWEN3_INSTRUCT_2507,
        ChatTemplate.recognise(CHATML + "{{ '<|im_start|>' + m.role + '\\n<think>\\n' }}"));
  }

  @Test
  void enableThinkingIsTheHybridTemplate() {
    assertEquals(
        ChatTemplate.QWEN3_HYBRID,
        ChatTemplate.recognise(CHATML + "{% if enable_thinking is false %}"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "<s>[INST] {{ m }} [/INST]",
        "<|im_start|> <|im_end|> You are Qwen, created by",
        "<|im_start|> <|im_end|> You are a helpful assistant",
        "<|im_start|> <|im_end|> <function=name>",
        "''"
      })
  void otherTemplatesMustBeNamedByTheUser(String template) {
    UserException e = assertThrows(UserException.class, () -> ChatTemplate.recognise(template));
    assertEquals(
        "Name the one that the model was trained with in `chat_template`:"
            + " qwen3-instruct-2507, qwen3-thinking-2507, qwen3-hybrid",
        e.remedy());
  }

  @Test
  void aModelWithoutTemplateNeedsAName() {
    UserException e = assertThrows(UserException.class, () -> ChatTemplate.recognise(null));
    assertEquals("the model has none", e.reason());
  }

  @ParameterizedTest
  @EnumSource
  void eachHasAName(ChatTemplate template) {
    assertEquals(template, ChatTemplate.of(template.wireName()));
  }

  @Test
  void anUnknownNameListsTheKnownOnes() {
    UserException e = assertThrows(UserException.class, () -> ChatTemplate.of("chatml"));
    assertTrue(e.getMessage().contains("qwen3-thinking-2507"), e.getMessage());
  }
}
