package io.qwark.jobs.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.qwark.engine.api.UserException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PromptTemplateTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "{a}|<a>",
        "{a}{b}{a}|<a><b><a>",
        "put it within \\boxed{}.|put it within \\boxed{}.",
        "\\boxed{{{a}}}|\\boxed{<a>}",
        "\\boxed{{a}}|\\boxed{a}",
        "{\"answer\": {a}}|{\"answer\": <a>}",
        "{1} { } {|{1} { } {",
        "}} {{|} {",
        "{two words}|<two words>",
      })
  void fillsPlaceholdersAndLeavesOtherBraces(String template, String rendered) {
    assertEquals(rendered, PromptTemplate.parse(template).render(c -> "<" + c + ">"));
  }

  @Test
  void bracesInAColumnAreNotPlaceholders() {
    assertEquals("x {b} {{", PromptTemplate.parse("x {a}").render(c -> "{b} {{"));
  }

  @Test
  void listsItsColumnsOnce() {
    assertEquals(List.of("b", "a"), PromptTemplate.parse("{b} {a} {b}").columns());
  }

  @Test
  void anUnknownPlaceholderIsNamedWithTheNearestColumn() {
    UserException e =
        assertThrows(
            UserException.class,
            () -> PromptTemplate.parse("{problm}").requireColumns(List.of("id", "problem")));
    assertEquals("Cannot fill the placeholder {problm} of the prompt template", e.problem());
    assertEquals(
        "Write `problem` if that is meant; for the text itself write {{problm}}", e.remedy());
  }
}
