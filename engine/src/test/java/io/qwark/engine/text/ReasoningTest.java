package io.qwark.engine.text;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class ReasoningTest {
  @Test
  void splitsAtTheLastMark() {
    assertSplit("a </think> b", "c", "a </think> b\n</think>\n\nc", true);
  }

  @Test
  void reasoningThatWasOpenedAndNotClosedHasNoAnswer() {
    assertSplit("so far", null, "so far", true);
    assertSplit("", null, "", true);
  }

  @Test
  void anInstructModelsTextIsAllAnswer() {
    assertSplit(null, "\n answer \n", "\n answer \n", false);
    assertSplit(null, "", "", false);
  }

  @Test
  void textThatOpensItsReasoningIsFreedOfTheMark() {
    assertSplit("r", "a", "<think>\nr\n</think>\n\na", false);
    assertSplit("r", "a", "\n<think>r</think>a", true);
  }

  @Test
  void textThatOpensItsReasoningAndDoesNotCloseItHasNoAnswer() {
    assertSplit("r", null, "<think>\nr", false);
  }

  @Test
  void aMarkWithinTheTextDoesNotOpenReasoning() {
    assertSplit(null, "the mark <think> opens", "the mark <think> opens", false);
  }

  @Test
  void emptyReasoningIsNotNone() {
    assertSplit("", "a", "<think>\n\n</think>\n\na", false);
    assertSplit("", "", "</think>", true);
  }

  @Test
  void onlyNewlinesAreTrimmed() {
    assertSplit(" \tr \t", "\r\n a ", "\n\n \tr \t\n\n</think>\n\n\r\n a \n", true);
  }

  private static void assertSplit(String reasoning, String answer, String text, boolean opened) {
    assertEquals(new Reasoning.Split(reasoning, answer), Reasoning.split(text, opened));
  }
}
