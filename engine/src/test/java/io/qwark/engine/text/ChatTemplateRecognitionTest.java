package io.qwark.engine.text;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.qwark.engine.api.UserException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

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
  void turnsWithoutToolsArePlainChatMl() {
    assertEquals(
        ChatTemplate.CHATML, ChatTemplate.recognise(CHATML + "{{ '<|im_start|>assistant\\n' }}"));
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
        ChatTemplate.CHATML,
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
        "<|im_start|>system\\nYou are Dolphin.<|im_end|>",
        "<|im_start|> <|im_end|> tools of another kind",
        "<|user|> <|assistant|> '<|user|>' + message['content']",
        "<|start_header_id|> <|eot_id|> content",
        "<|start_header_id|> <|eot_id|> content | trim, tools",
        "<|start_header_id|> <|eot_id|> content | trim, Today Date: 1 Jan 2025",
        "''"
      })
  void otherTemplatesMustBeNamedByTheUser(String template) {
    UserException e = assertThrows(UserException.class, () -> ChatTemplate.recognise(template));
    assertEquals(
        "Name the one that the model was trained with in `chat_template`:"
            + " qwen3-instruct-2507, qwen3-thinking-2507, qwen3-hybrid, qwen2.5, qwen2.5-gguf,"
            + " qwen2.5-math, qwen2, smollm2, chatml, zephyr, llama3, llama3.1",
        e.remedy());
  }

  private static final String QWEN25 =
      CHATML
          + "{{- '<|im_start|>system\\nSYSTEM<|im_end|>\\n' }}{%- if tools %}{{- \"\\n\\n# Tools\\n\\nYou may"
          + " call one or more functions to assist with the user query.\\n{\\\"name\\\": <function-name>\" }}";

  private static final String ZEPHYR_TURN =
      "{{ '<|%1$s|>\\n' + message['content'] + eos_token }}\n";

  private static final String LLAMA3 =
      "{% set content = '<|start_header_id|>' + message['role'] + '<|end_header_id|>\n\n'+"
          + " message['content'] | trim + '<|eot_id|>' %}";

  /** What tells them apart in the models' own sources. */
  static Stream<Arguments> sources() {
    String qwen = "You are Qwen, created by Alibaba Cloud. You are a helpful assistant.";
    String math = "Please reason step by step, and put your final answer within \\\\boxed{}.";
    String plain = CHATML + "{{ '<|im_start|>system\nSYSTEM<|im_end|>\n' }}";
    return Stream.of(
        Arguments.of("qwen2.5", QWEN25.replace("SYSTEM", qwen)),
        Arguments.of(
            "qwen2.5-gguf", QWEN25.replace("SYSTEM", qwen).replace("{\\\"name", "{{\\\"name")),
        Arguments.of("qwen2.5-math", QWEN25.replace("SYSTEM", math)),
        Arguments.of("qwen2", plain.replace("SYSTEM", "You are a helpful assistant.")),
        Arguments.of(
            "smollm2",
            plain.replace(
                "SYSTEM", "You are a helpful AI assistant named SmolLM, trained by Hugging Face")),
        Arguments.of(
            "zephyr",
            String.join(
                "{% elif %}\n",
                ZEPHYR_TURN.formatted("user"),
                ZEPHYR_TURN.formatted("system").replace("\\n", "\n"),
                ZEPHYR_TURN.formatted("assistant"))),
        Arguments.of("llama3", LLAMA3),
        Arguments.of(
            "llama3.1",
            LLAMA3
                + "{%- set tools_in_user_message = true %}{%- set date_string = \"26 Jul 2024\" %}"
                + "{{- \"Cutting Knowledge Date: December 2023\\n\" }}"
                + "{{- \"Today Date: \" + date_string + \"\\n\\n\" }}"
                + "{{- \"Given the following functions, please respond with a JSON for a call\" }}"));
  }

  @ParameterizedTest
  @MethodSource("sources")
  void recognisesOtherModelsByWhatTellsThemApart(String name, String source) {
    assertEquals(name, ChatTemplate.recognise(source).wireName());
  }

  /** Files NAME.jinja of models' own sources, in the folder that qwark.templates names. */
  @Test
  void recognisesModelsOwnSources() throws IOException {
    String folder = System.getProperty("qwark.templates");
    assumeTrue(folder != null, "needs -Dqwark.templates=FOLDER with models' templates");
    try (Stream<Path> files = Files.list(Path.of(folder))) {
      for (Path file : files.toList()) {
        String name = file.getFileName().toString().replace(".jinja", "");
        assertEquals(name, ChatTemplate.recognise(Files.readString(file)).wireName());
      }
    }
  }

  @Test
  void aTokenizerWithoutTheTemplatesMarksIsRefused() {
    Path file = Path.of("../datasets/quickstart/model/tokenizer.json");
    try (Tokenizer tokenizer = Tokenizer.open(file)) {
      ChatTemplate.QWEN2_5.checkMarks(tokenizer);
      UserException e =
          assertThrows(UserException.class, () -> ChatTemplate.ZEPHYR.checkMarks(tokenizer));
      assertEquals("the model's tokenizer has no token </s>", e.reason());
    }
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
    UserException e = assertThrows(UserException.class, () -> ChatTemplate.of("alpaca"));
    assertTrue(e.getMessage().contains("qwen3-thinking-2507"), e.getMessage());
  }
}
