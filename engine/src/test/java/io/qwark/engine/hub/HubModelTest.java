package io.qwark.engine.hub;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpExchange;
import io.qwark.engine.api.UserException;
import io.qwark.engine.source.FetchProgress;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class HubModelTest {
  private static final String WEIGHTS = "model.safetensors";
  private static final String TOKEN = "hf_secret";

  @TempDir Path cache;
  private FakeHub hub;
  private final List<String> notes = Collections.synchronizedList(new ArrayList<>());

  @BeforeEach
  void start() throws IOException {
    hub =
        new FakeHub()
            .with("config.json", "{}".getBytes(StandardCharsets.UTF_8))
            .with("tokenizer.json", random(1, 20_000))
            .with("pytorch_model.bin", random(2, 1000))
            .with(WEIGHTS, random(3, 300_000));
  }

  @AfterEach
  void stop() {
    hub.close();
  }

  static byte[] random(int seed, int size) {
    byte[] bytes = new byte[size];
    new Random(seed).nextBytes(bytes);
    return bytes;
  }

  private HubSettings settings(String endpoint, String token, boolean offline) {
    return new HubSettings(
        endpoint, token, cache, offline, Duration.ofMillis(700), Duration.ofMillis(5), 4, 3);
  }

  private HubModel model(String id, HubSettings settings) {
    return new HubModel(
        ModelId.parse(id),
        settings,
        new FetchProgress() {
          @Override
          public void begin(String model, int files, long bytes, long present) {}

          @Override
          public void advance(long bytes) {}

          @Override
          public void note(String text) {
            notes.add(text);
          }

          @Override
          public void end() {}
        });
  }

  private HubModel model() {
    return model(FakeHub.MODEL, settings(hub.address(), TOKEN, false));
  }

  private UserException refusal() {
    return assertThrows(UserException.class, () -> model().fetch());
  }

  private void assertWhole(Path folder) throws IOException {
    assertArrayEquals(hub.content(WEIGHTS), Files.readAllBytes(folder.resolve(WEIGHTS)));
    assertArrayEquals(
        hub.content("tokenizer.json"), Files.readAllBytes(folder.resolve("tokenizer.json")));
  }

  @Test
  void whatIsNeededIsFetchedIntoTheLayoutOfHuggingFacesOwnTools() throws IOException {
    Path folder = model().fetch();
    assertWhole(folder);
    Path repository = cache.resolve("models--team--tiny");
    assertEquals(repository.resolve("snapshots").resolve(FakeHub.COMMIT), folder);
    assertEquals(FakeHub.COMMIT, Files.readString(repository.resolve("refs/main")));
    assertEquals(
        Path.of("../../blobs").resolve(FakeHub.sha256(hub.content(WEIGHTS))),
        Files.readSymbolicLink(folder.resolve(WEIGHTS)));
    assertEquals(
        Path.of("../../blobs").resolve(FakeHub.gitBlob(hub.content("config.json"))),
        Files.readSymbolicLink(folder.resolve("config.json")));
    assertFalse(Files.exists(folder.resolve("pytorch_model.bin")));
    try (Stream<Path> left = Files.walk(cache)) {
      assertEquals(List.of(), left.filter(f -> f.toString().endsWith("incomplete")).toList());
    }
  }

  @Test
  void aCommitThatWasFetchedNeedsNoServer() throws IOException {
    String id = FakeHub.MODEL + "@" + FakeHub.COMMIT;
    Path folder = model(id, settings(hub.address(), null, false)).fetch();
    hub.close();
    hub.seen.clear();
    HubModel again = model(id, settings(hub.address(), null, false));
    assertEquals(FakeHub.COMMIT, again.pin().revision());
    assertEquals(folder, again.fetch());
    assertEquals(List.of(), notes);
  }

  @Test
  void aFileThatWentAwayOrWasCutIsFetchedAgain() throws IOException {
    Path folder = model().fetch();
    Files.write(folder.resolve(WEIGHTS).toRealPath(), new byte[10]);
    Files.delete(folder.resolve("config.json"));
    assertWhole(model().fetch());
    assertTrue(Files.exists(folder.resolve("config.json")));
    assertEquals(2, hub.requests(WEIGHTS));
    assertEquals(1, hub.requests("tokenizer.json"));
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
    assertWhole(model().fetch());
    assertTrue(hub.requests(WEIGHTS) > 2, () -> "requests: " + hub.requests(WEIGHTS));
    assertTrue(hub.sentBytes < 500_000, () -> "bytes sent: " + hub.sentBytes);
  }

  @Test
  void aFetchGoesOnWhereAnEarlierProcessStopped() throws IOException {
    byte[] content = hub.content(WEIGHTS);
    Path blobs = Files.createDirectories(cache.resolve("models--team--tiny/blobs"));
    Files.write(
        blobs.resolve(FakeHub.sha256(content) + ".qwark.incomplete"),
        java.util.Arrays.copyOf(content, 123_456));
    assertWhole(model().fetch());
    assertTrue(hub.seen.stream().anyMatch(s -> "bytes=123456-".equals(s.range())));
  }

  @Test
  void aDamagedBeginningIsFoundAndFetchedAnew() throws IOException {
    Path blobs = Files.createDirectories(cache.resolve("models--team--tiny/blobs"));
    Files.write(
        blobs.resolve(FakeHub.sha256(hub.content(WEIGHTS)) + ".qwark.incomplete"),
        random(99, 100_000));
    assertWhole(model().fetch());
    assertTrue(notes.stream().anyMatch(n -> n.contains("checksum")), notes::toString);
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
    assertWhole(model().fetch());
  }

  @Test
  void aFileThatChangesBetweenTriesIsNotMixed() throws IOException {
    byte[] other = random(77, 300_000);
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
    assertWhole(model().fetch());
    assertTrue(hub.seen.stream().anyMatch(s -> "\"old\"".equals(s.ifRange())));
    assertTrue(notes.stream().noneMatch(n -> n.contains("checksum")), notes::toString);
  }

  @Test
  void aContentThatIsNotTheListedOneIsRefused() throws IOException {
    hub.fault =
        (exchange, count) -> {
          if (!FakeHub.file(exchange).equals(WEIGHTS)) {
            return false;
          }
          hub.file(exchange, random(4, 300_000), "x");
          return true;
        };
    UserException e = refusal();
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
          hub.file(exchange, random(4, length), "x");
          return true;
        };
    assertTrue(refusal().reason().contains(length + " bytes"));
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
            hub.write(exchange, random(5, 100_000), 0, 100_000);
          }
        };
    assertTrue(refusal().reason().contains("more than the 300000 bytes"));
    assertTrue(hub.sentBytes < 20_000_000, () -> "bytes sent: " + hub.sentBytes);
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
    assertWhole(model().fetch());
    assertTrue(notes.stream().anyMatch(n -> n.contains("sent nothing")), notes::toString);
    assertTrue(notes.stream().anyMatch(n -> n.contains("in time")), notes::toString);
  }

  /** A connection that is closed at once can take what was sent with it. */
  private static void pause(long milliseconds) {
    try {
      Thread.sleep(milliseconds);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
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
    assertWhole(model().fetch());
    assertTrue(notes.stream().anyMatch(n -> n.contains("status " + status)), notes::toString);
  }

  @Test
  void aServerThatStaysBrokenIsGivenUp() {
    hub.fault =
        (exchange, count) -> {
          FakeHub.send(exchange, 503, "no");
          return true;
        };
    UserException e = refusal();
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
    UserException e = refusal();
    assertTrue(e.getMessage().contains(said), e.getMessage());
    assertFalse(e.getMessage().contains(TOKEN), e.getMessage());
    assertEquals(1, hub.seen.size());
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
      assertWhole(model().fetch());
      assertEquals(1, other.seen.size());
      assertNull(other.seen.get(0).authorization());
    }
    assertTrue(hub.seen.stream().allMatch(s -> ("Bearer " + TOKEN).equals(s.authorization())));
    assertTrue(notes.stream().noneMatch(n -> n.contains(TOKEN)));
  }

  @Test
  void redirectionsInACircleAreGivenUp() {
    hub.fault =
        (exchange, count) -> {
          exchange.getResponseHeaders().set("Location", exchange.getRequestURI().toString());
          exchange.sendResponseHeaders(307, -1);
          return true;
        };
    assertTrue(refusal().reason().contains("circle"));
  }

  @Test
  void longListsComeInPages() throws IOException {
    hub.pageSize = 1;
    assertWhole(model().fetch());
    assertEquals(4, hub.requests("tree/" + FakeHub.COMMIT));
  }

  @Test
  void aListThatGoesOnElsewhereIsRefused() throws IOException {
    hub.pageSize = 1;
    try (FakeHub other = new FakeHub()) {
      hub.nextHost = other.address();
      assertTrue(refusal().reason().contains("another host"));
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
    Path folder = model().fetch();
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
    return model();
  }

  @Test
  void offlineTheCacheServesAndNobodyIsAsked() throws IOException {
    Path folder = model().fetch();
    hub.seen.clear();
    HubSettings offline = settings(hub.address(), TOKEN, true);
    assertEquals(folder, model(FakeHub.MODEL, offline).fetch());
    UserException e = assertThrows(UserException.class, () -> model("team/other", offline).fetch());
    assertTrue(e.reason().contains("HF_HUB_OFFLINE"), e.reason());
    assertEquals(List.of(), hub.seen);
  }

  @Test
  void whereTheHubCannotBeReachedTheCacheServesAndTheUserHearsOfIt() throws IOException {
    Path folder = model().fetch();
    hub.close();
    assertEquals(folder, model().fetch());
    assertTrue(notes.get(notes.size() - 1).contains("is used as the cache has it"));
  }

  @Test
  void whereNothingCanBeReachedAndNothingIsCachedTheCauseIsSaid() {
    hub.close();
    UserException e = refusal();
    assertTrue(e.reason().contains("refuses connections or cannot be reached"), e.reason());
  }

  @Test
  void manyAtOnceFetchOnce() throws IOException {
    List<CompletableFuture<Path>> all = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      all.add(
          CompletableFuture.supplyAsync(() -> model().fetch(), task -> new Thread(task).start()));
    }
    for (CompletableFuture<Path> one : all) {
      assertWhole(one.join());
    }
    assertEquals(1, hub.requests(WEIGHTS));
    assertEquals(1, hub.requests("tokenizer.json"));
  }

  @Test
  void filesOfTheSameContentAreFetchedOnce() throws IOException {
    hub.with("generation_config.json", hub.content("config.json"));
    Path folder = model().fetch();
    assertEquals("{}", Files.readString(folder.resolve("config.json")));
    assertEquals("{}", Files.readString(folder.resolve("generation_config.json")));
    assertEquals(1, hub.requests("config.json") + hub.requests("generation_config.json"));
  }

  @Test
  void anAnswerThatIsNoJsonIsExplained() {
    hub.fault = HubModelTest::loginPage;
    assertTrue(refusal().getMessage().contains("not JSON"));
  }

  private static boolean loginPage(HttpExchange exchange, int count) throws IOException {
    FakeHub.send(exchange, 200, "<html>Please log in to the guest network</html>");
    return true;
  }

  @Test
  void aDiskWithoutRoomIsSaidBeforeAnythingIsFetched() {
    hub.extraEntries =
        List.of(
            """
            {"type": "file", "path": "merges.txt", "size": 9000000000000000, "oid": "%s"}"""
                .formatted("0".repeat(40)));
    assertTrue(refusal().remedy().startsWith("Free some space"));
    assertEquals(0, hub.requests("merges.txt"));
  }
}
