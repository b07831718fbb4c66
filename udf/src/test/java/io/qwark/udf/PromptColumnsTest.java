package io.qwark.udf;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.qwark.engine.api.ChatMessage;
import io.qwark.engine.api.ErrorCode;
import io.qwark.engine.api.Prompt;
import io.qwark.engine.api.SamplingOptions;
import io.qwark.engine.api.UserException;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class PromptColumnsTest {
  private static SparkSession spark;

  @BeforeAll
  static void start() {
    spark = LocalSpark.start();
  }

  @AfterAll
  static void stop() {
    spark.stop();
  }

  private static InferenceOptions options(PromptForm form, String system, String error) {
    return new InferenceOptions("p", form, system, error, SamplingOptions.unset(), 1, null);
  }

  /** The prompt that a SQL expression stands for. */
  private static Prompt read(String expression, PromptForm form, String system)
      throws BadRowException {
    Row row = spark.sql("select 1 as other, " + expression + " as p").collectAsList().get(0);
    return PromptColumns.reader(row.schema(), options(form, system, null)).read(row);
  }

  private static void assertBad(ErrorCode code, String says, String expression) {
    BadRowException bad =
        assertThrows(BadRowException.class, () -> read(expression, PromptForm.CHAT, null));
    assertEquals(code, bad.code());
    assertTrue(bad.getMessage().contains(says), bad.getMessage());
  }

  private static void assertRefused(String says, String ddl, InferenceOptions options) {
    UserException mistake =
        assertThrows(
            UserException.class, () -> PromptColumns.reader(StructType.fromDDL(ddl), options));
    assertTrue(mistake.getMessage().contains(says), mistake.getMessage());
  }

  @Test
  void textStaysAsItIs() throws Exception {
    assertEquals(new Prompt.Text(" a "), read("' a '", PromptForm.TEXT, null));
  }

  @Test
  void aStringOfChatIsTheUserMessageAfterTheSystemPrompt() throws Exception {
    ChatMessage user = new ChatMessage("user", "hi");
    assertEquals(new Prompt.Chat(List.of(user), List.of()), read("'hi'", PromptForm.CHAT, null));
    assertEquals(
        new Prompt.Chat(List.of(new ChatMessage("system", "Be brief."), user), List.of()),
        read("'hi'", PromptForm.CHAT, "Be brief."));
  }

  @Test
  void messagesAreReadByFieldNameAndOtherFieldsAreLeftOut() throws Exception {
    String messages =
        "array(named_struct('weight', 2, 'content', 'q', 'role', 'user'),"
            + " named_struct('weight', 2, 'content', 'a', 'role', 'assistant'))";
    assertEquals(
        new Prompt.Chat(
            List.of(new ChatMessage("user", "q"), new ChatMessage("assistant", "a")), List.of()),
        read(messages, PromptForm.TEXT, null));
  }

  @Test
  void reasoningAndToolCallsAreReadAsTextOrStructs() throws Exception {
    String message =
        "array(named_struct('role', 'assistant', 'content', cast(null as string),"
            + " 'reasoning_content', 'hm', 'tool_calls', array(%s)))";
    String json = "{\"name\":\"f\",\"arguments\":\"{}\"}";
    Prompt expected =
        new Prompt.Chat(
            List.of(new ChatMessage("assistant", null, "hm", List.of(json))), List.of());

    assertEquals(expected, read(String.format(message, "'" + json + "'"), PromptForm.CHAT, null));
    String struct = "named_struct('name', 'f', 'arguments', '{}')";
    assertEquals(expected, read(String.format(message, struct), PromptForm.CHAT, null));
  }

  @Test
  void tokenIdsMayBeOfAnyIntegerType() throws Exception {
    for (String type : List.of("smallint", "int", "bigint")) {
      Prompt prompt = read("cast(array(5, 0, 7) as array<" + type + ">)", PromptForm.TEXT, null);
      assertArrayEquals(new int[] {5, 0, 7}, ((Prompt.Tokens) prompt).ids(), type);
    }
  }

  @Test
  void rowsWithoutAPromptAreBad() {
    assertBad(ErrorCode.EMPTY_PROMPT, "null", "cast(null as string)");
    assertBad(ErrorCode.EMPTY_PROMPT, "empty string", "''");
    assertBad(ErrorCode.EMPTY_PROMPT, "null", "cast(null as array<int>)");
    assertBad(ErrorCode.EMPTY_PROMPT, "empty array", "cast(array() as array<int>)");
    assertBad(
        ErrorCode.EMPTY_PROMPT,
        "empty array",
        "cast(array() as array<struct<role: string, content: string>>)");
  }

  @Test
  void rowsThatAreNoPromptAreBadAndSayWhere() {
    String message = "array(named_struct('role', %s, 'content', %s))";
    assertBad(
        ErrorCode.INVALID_PROMPT,
        "Message 0 has the role User",
        message.formatted("'User'", "'a'"));
    assertBad(
        ErrorCode.INVALID_PROMPT,
        "has the role null",
        message.formatted("cast(null as string)", "'a'"));
    assertBad(
        ErrorCode.INVALID_PROMPT,
        "(user) has no content",
        message.formatted("'user'", "cast(null as string)"));
    assertBad(
        ErrorCode.INVALID_PROMPT,
        "Message 1 is null",
        "array(named_struct('role', 'user', 'content', 'a'), null)");
    assertBad(ErrorCode.INVALID_PROMPT, "Element 1", "array(1, null)");
    assertBad(ErrorCode.INVALID_PROMPT, "Element 0 is not a token id: -1", "array(-1, 1)");
    assertBad(ErrorCode.INVALID_PROMPT, "4294967296", "array(4294967296)");
  }

  @Test
  void columnsThatHoldNoPromptsAreRefused() {
    InferenceOptions chat = options(PromptForm.CHAT, null, null);
    for (String type :
        Arrays.asList(
            "int",
            "array<string>",
            "array<double>",
            "array<struct<role: string>>",
            "array<struct<role: string, content: array<string>>>",
            "array<struct<role: string, content: string, tool_calls: string>>")) {
      assertRefused("Cannot read prompts from column `p`", "p " + type, chat);
    }
    assertRefused("Choose one of q, r", "q string, r int", chat);
  }

  @Test
  void anErrorColumnMustBeThereAndOfStrings() {
    InferenceOptions options = options(PromptForm.CHAT, null, "e");
    assertRefused("no such column", "p string", options);
    assertRefused("not string", "p string, e int", options);
  }

  @Test
  void aSystemPromptGoesOnlyWithStringsOfChat() {
    assertRefused("stand", "p string", options(PromptForm.TEXT, "s", null));
    assertRefused("system prompt", "p array<int>", options(PromptForm.CHAT, "s", null));
    assertRefused(
        "system prompt",
        "p array<struct<role: string, content: string>>",
        options(PromptForm.CHAT, "s", null));
  }

  @Test
  void toolsGoWithTheConversationOfTheirRow() throws BadRowException {
    Row row =
        spark
            .sql(
                "select 'hi' as p, array('{\"name\":\"add\"}') as t, cast(null as array<string>) as u")
            .collectAsList()
            .get(0);
    InferenceOptions options = options(PromptForm.CHAT, null, null);
    Prompt.Chat with =
        (Prompt.Chat) PromptColumns.reader(row.schema(), options.withTools("t")).read(row);
    assertEquals(List.of("{\"name\":\"add\"}"), with.tools());
    Prompt.Chat without =
        (Prompt.Chat) PromptColumns.reader(row.schema(), options.withTools("u")).read(row);
    assertEquals(List.of(), without.tools());
  }

  @Test
  void toolsAreRefusedWhereTheyHaveNoPlace() {
    assertRefused(
        "array of strings",
        "p string, t string",
        options(PromptForm.CHAT, null, null).withTools("t"));
    assertRefused(
        "no place for tools",
        "p string, t array<string>",
        options(PromptForm.TEXT, null, null).withTools("t"));
    assertRefused(
        "no place for tools",
        "p array<int>, t array<string>",
        options(PromptForm.CHAT, null, null).withTools("t"));
  }
}
