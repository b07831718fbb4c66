package io.qwark.engine.hub;

import static io.qwark.engine.hub.FakeHub.WEIGHTS;
import static io.qwark.engine.hub.HubClient.TOKEN;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpExchange;
import io.qwark.engine.api.UserException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Hubs and connections that fail, and what a user hears of it. */
@Timeout(60)
class HubFaultsTest {
  @TempDir Path cache;
  private FakeHub hub;
  private HubClient client;

  @BeforeEach
  void start() throws IOException {
    hub = FakeHub.withModel();
    client = new HubClient(hub, cache);
  }

  @AfterEach
  void stop() {
    hub.close();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8})
  void connectionsThatBreakAnywhereCostOnlyWhatWasUnderWay(int seed) throws IOException {
    Random random = new Random(seed);
    hub.fault =
        (exchange, count) -> {
          if (!FakeHub.file(exchange).equals(WEIGHTS)) {
            return false;
          }
          byte[] content = hub.content(WEIGHTS);
          String range = exchange.getRequestHeaders().getFirst("Range");
          int from = range == null ? 0 : Integer.parseInt(range.replaceAll("\\D", ""));
          int length = Math.min(content.length - from, 30_000 + random.nextInt(90_000));
          exchange
              .getResponseHeaders()
              .set("Content-Range", "bytes " + from + "-" + (content.length - 1) + "/*");
          exchange.sendResponseHeaders(range == null ? 200 : 206, content.length - from);
          hub.write(exchange, content, from, length);
          pause(50);
          return true;
        };
    client.assertWhole(client.model().fetch());
    assertTrue(hub.requests(WEIGHTS) > 2, () -> "requests: " + hub.requests(WEIGHTS));
    assertTrue(hub.sentBytes < 500_000, () -> "bytes sent: " + hub.sentBytes);
  }

  @Test
  void aServerThatKnowsNoRangesSendsAllAgain() throws IOException {
    hub.fault =
        (exchange, count) -> {
          if (!FakeHub.file(exchange).equals(WEIGHTS)) {
            return false;
          }
          byte[] content = hub.content(WEIGHTS);
          exchange.sendResponseHeaders(200, content.length);
          hub.write(exchange, content, 0, count < 3 ? 50_000 : content.length);
          return true;
        };
    client.assertWhole(client.model().fetch());
  }

  @Test
  void aFileThatChangesBetweenTriesIsNotMixed() throws IOException {
    byte[] other = FakeHub.random(77, 300_000);
    hub.fault =
        (exchange, count) -> {
          if (!FakeHub.file(exchange).equals(WEIGHTS) || count > 1) {
            return false;
          }
          exchange.getResponseHeaders().set("ETag", "\"old\"");
          exchange.sendResponseHeaders(200, other.length);
          hub.write(exchange, other, 0, 100_000);
          pause(50);
          return true;
        };
    client.assertWhole(client.model().fetch());
    assertTrue(hub.seen.stream().anyMatch(s -> "\"old\"".equals(s.ifRange())));
    assertTrue(
        client.notes.stream().noneMatch(n -> n.contains("checksum")), client.notes::toString);
  }

  @Test
  void aServerThatFallsSilentIsAskedAgain() throws IOException {
    hub.fault =
        (exchange, count) -> {
          boolean isWeights = FakeHub.file(exchange).equals(WEIGHTS);
          if (!(isWeights && count <= 2)) {
            return false;
          }
          if (count == 1) {
            pause(2500);
            return true;
          }
          exchange.sendResponseHeaders(200, 300_000);
          hub.write(exchange, hub.content(WEIGHTS), 0, 70_000);
          pause(2500);
          return true;
        };
    client.assertWhole(client.model().fetch());
    assertTrue(
        client.notes.stream().anyMatch(n -> n.contains("sent nothing")), client.notes::toString);
    assertTrue(client.notes.stream().anyMatch(n -> n.contains("in time")), client.notes::toString);
  }

  @ParameterizedTest
  @ValueSource(ints = {408, 429, 500, 502, 503})
  void aBusyOrBrokenServerIsAskedAgain(int status) throws IOException {
    hub.fault =
        (exchange, count) -> {
          if (count > 2) {
            return false;
          }
          exchange.getResponseHeaders().set("Retry-After", "0");
          FakeHub.send(exchange, status, "<html>not now</html>");
          return true;
        };
    client.assertWhole(client.model().fetch());
    assertTrue(
        client.notes.stream().anyMatch(n -> n.contains("status " + status)),
        client.notes::toString);
  }

  @Test
  void aServerThatStaysBrokenIsGivenUp() {
    hub.fault =
        (exchange, count) -> {
          FakeHub.send(exchange, 503, "no");
          return true;
        };
    UserException e = client.refusal();
    assertTrue(e.reason().contains("status 503 (4 tries)"), e.reason());
    assertTrue(e.remedy().contains("HTTPS_PROXY"), e.remedy());
  }

  @ParameterizedTest
  @CsvSource({
    "401, GatedRepo, accept the licence",
    "403, GatedRepo, accept the licence",
    "404, RevisionNotFound, has no revision main",
    "401, , there is no such model",
    "404, RepoNotFound, there is no such model",
    "403, , access is denied",
    "418, , status 418",
  })
  void whatTheHubRefusesIsExplained(int status, String code, String said) {
    hub.fault =
        (exchange, count) -> {
          if (code != null) {
            exchange.getResponseHeaders().set("X-Error-Code", code);
          }
          FakeHub.send(exchange, status, "{}");
          return true;
        };
    UserException e = client.refusal();
    assertTrue(e.getMessage().contains(said), e.getMessage());
    assertFalse(e.getMessage().contains(TOKEN), e.getMessage());
    assertEquals(1, hub.seen.size());
  }

  @Test
  void anAnswerThatIsNoJsonIsExplained() {
    hub.fault = HubFaultsTest::loginPage;
    assertTrue(client.refusal().getMessage().contains("not JSON"));
  }

  private static boolean loginPage(HttpExchange exchange, int count) throws IOException {
    FakeHub.send(exchange, 200, "<html>Please log in to the guest network</html>");
    return true;
  }

  /** A connection that is closed at once can take what was sent with it. */
  private static void pause(long milliseconds) {
    try {
      Thread.sleep(milliseconds);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
