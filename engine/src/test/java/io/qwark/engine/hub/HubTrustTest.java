package io.qwark.engine.hub;

import static io.qwark.engine.hub.FakeHub.WEIGHTS;
import static io.qwark.engine.hub.HubClient.TOKEN;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.qwark.engine.api.UserException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a hub sends, and where it points, is not believed. */
@Timeout(60)
class HubTrustTest {
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

  @Test
  void aDamagedBeginningIsFoundAndFetchedAnew() throws IOException {
    Path blobs = Files.createDirectories(cache.resolve("models--team--tiny/blobs"));
    Files.write(
        blobs.resolve(FakeHub.sha256(hub.content(WEIGHTS)) + ".qwark.incomplete"),
        FakeHub.random(99, 100_000));
    client.assertWhole(client.model().fetch());
    assertTrue(client.notes.stream().anyMatch(n -> n.contains("checksum")), client.notes::toString);
  }

  @Test
  void aContentThatIsNotTheListedOneIsRefused() throws IOException {
    hub.fault =
        (exchange, count) -> {
          if (!FakeHub.file(exchange).equals(WEIGHTS)) {
            return false;
          }
          hub.file(exchange, FakeHub.random(4, 300_000), "x");
          return true;
        };
    UserException e = client.refusal();
    assertTrue(e.getMessage().contains("checksum"), e.getMessage());
    assertFalse(
        Files.exists(
            cache.resolve("models--team--tiny/blobs/" + FakeHub.sha256(hub.content(WEIGHTS)))));
  }

  @ParameterizedTest
  @ValueSource(ints = {299_999, 300_001, 10})
  void aWrongLengthIsRefused(int length) {
    hub.fault =
        (exchange, count) -> {
          if (!FakeHub.file(exchange).equals(WEIGHTS)) {
            return false;
          }
          hub.file(exchange, FakeHub.random(4, length), "x");
          return true;
        };
    assertTrue(client.refusal().reason().contains(length + " bytes"));
  }

  @Test
  void aBodyWithoutEndIsCutOff() {
    hub.fault =
        (exchange, count) -> {
          if (!FakeHub.file(exchange).equals(WEIGHTS)) {
            return false;
          }
          exchange.sendResponseHeaders(200, 0);
          while (true) {
            hub.write(exchange, FakeHub.random(5, 100_000), 0, 100_000);
          }
        };
    assertTrue(client.refusal().reason().contains("more than the 300000 bytes"));
    assertTrue(hub.sentBytes < 20_000_000, () -> "bytes sent: " + hub.sentBytes);
  }

  @Test
  void theTokenGoesToTheEndpointAndNotWhereItRedirects() throws IOException {
    try (FakeHub other = new FakeHub()) {
      other.fault =
          (exchange, count) -> {
            other.file(exchange, hub.content(WEIGHTS), "cdn");
            return true;
          };
      hub.fault =
          (exchange, count) -> {
            if (!FakeHub.file(exchange).equals(WEIGHTS)) {
              return false;
            }
            exchange.getResponseHeaders().set("Location", other.address() + "/cdn?signed=1");
            exchange.sendResponseHeaders(302, -1);
            return true;
          };
      client.assertWhole(client.model().fetch());
      assertEquals(1, other.seen.size());
      assertNull(other.seen.get(0).authorization());
    }
    assertTrue(hub.seen.stream().allMatch(s -> ("Bearer " + TOKEN).equals(s.authorization())));
    assertTrue(client.notes.stream().noneMatch(n -> n.contains(TOKEN)));
  }

  @Test
  void redirectionsInACircleAreGivenUp() {
    hub.fault =
        (exchange, count) -> {
          exchange.getResponseHeaders().set("Location", exchange.getRequestURI().toString());
          exchange.sendResponseHeaders(307, -1);
          return true;
        };
    assertTrue(client.refusal().reason().contains("circle"));
  }

  @Test
  void aListThatGoesOnElsewhereIsRefused() throws IOException {
    hub.pageSize = 1;
    try (FakeHub other = new FakeHub()) {
      hub.nextHost = other.address();
      assertTrue(client.refusal().reason().contains("another host"));
      assertEquals(List.of(), other.seen);
    }
  }

  @Test
  void namesThatLeadElsewhereAreNotWritten() throws IOException {
    List<String> names =
        List.of("../evil.json", "/tmp/evil.json", ".git/config", "a\\nb", "a/../b");
    hub.extraEntries =
        names.stream()
            .map(
                n ->
                    """
                    {"type": "file", "path": "%s", "size": 2, "oid": "%s"}"""
                        .formatted(n, "0".repeat(40)))
            .toList();
    Path folder = client.model().fetch();
    try (Stream<Path> files = Files.list(folder)) {
      assertEquals(
          List.of("config.json", WEIGHTS, "tokenizer.json"),
          files.map(f -> f.getFileName().toString()).sorted().toList());
    }
  }

  @Test
  void anIndexThatLeadsElsewhereIsRefused() {
    hub.with(
        "model.safetensors.index.json",
        "{\"weight_map\": {\"a\": \"../../../x.safetensors\"}}".getBytes(StandardCharsets.UTF_8));
    assertTrue(
        assertThrows(UserException.class, () -> withoutSingle().fetch())
            .reason()
            .contains("which is not there"));
  }

  /** The same hub, whose list lacks the single file of weights. */
  private HubModel withoutSingle() {
    hub.fault =
        (exchange, count) -> {
          if (!exchange.getRequestURI().getPath().contains("/tree/")) {
            return false;
          }
          byte[] index = hub.content("model.safetensors.index.json");
          FakeHub.send(
              exchange,
              200,
              """
              [{"type": "file", "path": "config.json", "size": 2, "oid": "%s"},
               {"type": "file", "path": "model.safetensors.index.json", "size": %d, "oid": "%s"}]"""
                  .formatted(
                      FakeHub.gitBlob(hub.content("config.json")),
                      index.length,
                      FakeHub.gitBlob(index)));
          return true;
        };
    return client.model();
  }
}
