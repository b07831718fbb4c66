package io.qwark.engine.hub;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpExchange;
import io.qwark.engine.api.UserException;
import io.qwark.engine.source.FetchProgress;
import java.io.IOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Answers are those that the modelscope-hub package (0.5.1) for Python reads. */
@Timeout(60)
class ModelScopeTest {
  private static final String API = "/api/v1/models/team/tiny";
  private static final String WEIGHTS = "model.safetensors";

  @TempDir Path cache;
  private FakeHub server;
  private final Map<String, byte[]> files = new TreeMap<>();

  @BeforeEach
  void start() throws IOException {
    server = new FakeHub();
    server.fault = this::answer;
    files.put("config.json", "{}".getBytes(StandardCharsets.UTF_8));
    files.put(WEIGHTS, FakeHub.random(1, 100_000));
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private boolean answer(HttpExchange exchange, int count) throws IOException {
    String path = exchange.getRequestURI().getPath();
    String query = String.valueOf(exchange.getRequestURI().getRawQuery());
    if (path.equals(API + "/repo/files")) {
      List<String> entries =
          files.entrySet().stream()
              .map(
                  f ->
                      """
                      {"Path": "%s", "Type": "blob", "Size": %d, "Sha256": "%s"}"""
                          .formatted(f.getKey(), f.getValue().length, FakeHub.sha256(f.getValue())))
              .toList();
      FakeHub.send(
          exchange,
          200,
          "{\"Code\": 200, \"Data\": {\"Files\": [%s]}}".formatted(String.join(",", entries)));
      return true;
    }
    if (path.equals(API + "/repo")) {
      String name = query.replaceAll(".*FilePath=", "");
      byte[] content = files.get(URLDecoder.decode(name, StandardCharsets.UTF_8));
      server.file(exchange, content, FakeHub.sha256(content));
      return true;
    }
    FakeHub.send(exchange, 404, "{\"Code\": 10010205001, \"Message\": \"not found\"}");
    return true;
  }

  private HubModel model(String id) {
    return new HubModel(
        ModelId.parse(id),
        new HubSettings(
            server.address(),
            "ms_secret",
            cache,
            false,
            Duration.ofSeconds(2),
            Duration.ofMillis(5),
            3,
            2),
        FetchProgress.SILENT);
  }

  private long contents() {
    return server.seen.stream().filter(s -> s.path().equals(API + "/repo")).count();
  }

  @Test
  void filesLieWhereModelScopesOwnToolsLookForThem() throws IOException {
    Path folder = model("modelscope://team/tiny").fetch();
    assertEquals(cache.resolve("models/team--tiny/snapshots/master"), folder);
    assertArrayEquals(files.get(WEIGHTS), Files.readAllBytes(folder.resolve(WEIGHTS)));
    assertTrue(server.seen.stream().allMatch(s -> "Bearer ms_secret".equals(s.authorization())));
  }

  @Test
  void whatOtherToolsFetchedIsCheckedAndUsed() throws IOException {
    Path folder = Files.createDirectories(cache.resolve("models/team--tiny/snapshots/master"));
    Files.write(folder.resolve(WEIGHTS), files.get(WEIGHTS));
    Files.write(folder.resolve("config.json"), "[]".getBytes(StandardCharsets.UTF_8));
    model("modelscope://team/tiny").fetch();
    assertEquals(1, contents());
    assertEquals("{}", Files.readString(folder.resolve("config.json")));
  }

  @Test
  void aBranchThatMovedIsFetchedAnewAndOneThatDidNotIsNot() throws IOException {
    Path folder = model("modelscope://team/tiny").fetch();
    model("modelscope://team/tiny").fetch();
    assertEquals(2, contents());
    files.put(WEIGHTS, FakeHub.random(2, 100_000));
    model("modelscope://team/tiny").fetch();
    assertArrayEquals(files.get(WEIGHTS), Files.readAllBytes(folder.resolve(WEIGHTS)));
  }

  @Test
  void allHostsOfAJobGetTheSameFilesOrNone() {
    String pinned = model("modelscope://team/tiny").pin().toString();
    files.put("config.json", "{ }".getBytes(StandardCharsets.UTF_8));
    UserException e = assertThrows(UserException.class, () -> model(pinned).fetch());
    assertTrue(e.reason().contains("has changed since the job began"), e.reason());
  }

  @Test
  void whatIsNotThereIsExplained() {
    UserException e =
        assertThrows(UserException.class, () -> model("modelscope://team/other").fetch());
    assertTrue(e.reason().contains("no such model"), e.reason());
  }
}
