package io.qwark.udf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.qwark.engine.api.UserException;
import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;

class UserErrorTextTest {
  private static final UserException MISTAKE =
      new UserException(
          "Cannot read C:\\models\\x", "two\nlines\r\nand \u2028 a \\u0041", "Look at\tit");

  private static void assertSame(UserException found) {
    assertEquals(MISTAKE.problem(), found.problem());
    assertEquals(MISTAKE.reason(), found.reason());
    assertEquals(MISTAKE.remedy(), found.remedy());
  }

  @Test
  void theThreePartsComeBackOutOfAStackTrace() {
    StringWriter trace = new StringWriter();
    new IllegalStateException("outer", new TaskUserException(MISTAKE))
        .printStackTrace(new PrintWriter(trace));

    assertSame(UserErrorText.find("Job aborted: " + trace).orElseThrow());
  }

  @Test
  void aUserExceptionIsFoundAmongCausesAndInMessages() {
    assertSame(
        SparkErrors.userException(new RuntimeException("a", new RuntimeException("b", MISTAKE)))
            .orElseThrow());
    assertSame(
        SparkErrors.userException(
                new RuntimeException(
                    "Stage cancelled: " + UserErrorText.format(MISTAKE) + " SQLSTATE: XXKDA"))
            .orElseThrow());
  }

  @Test
  void otherFailuresAreNone() {
    RuntimeException loop = new RuntimeException((String) null);
    loop.initCause(new RuntimeException("back again", loop));
    assertTrue(SparkErrors.userException(loop).isEmpty());
  }
}
