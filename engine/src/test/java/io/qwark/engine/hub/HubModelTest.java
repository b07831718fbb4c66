package io.qwark.engine.hub;

import static io.qwark.engine.hub.FakeHub.WEIGHTS;
import static io.qwark.engine.hub.HubClient.TOKEN;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.qwark.engine.api.UserException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What is fetched from a hub, where it is put, and when nobody is asked. */
@Timeout(60)
class HubModelTest {
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
  void whatIsNeededIsFetchedIntoTheLayoutOfHuggingFacesOwnTools() throws IOException {
    Path folder = client.model().fetch();
    client.assertWhole(folder);
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
    Path folder = client.model(id, client.settings(hub.address(), null, false)).fetch();
    hub.close();
    hub.seen.clear();
    HubModel again = client.model(id, client.settings(hub.address(), null, false));
    assertEquals(FakeHub.COMMIT, again.pin().revision());
    assertEquals(folder, again.fetch());
    assertEquals(List.of(), client.notes);
  }

  @Test
  void aFileThatWentAwayOrWasCutIsFetchedAgain() throws IOException {
    Path folder = client.model().fetch();
    Files.write(folder.resolve(WEIGHTS).toRealPath(), new byte[10]);
    Files.delete(folder.resolve("config.json"));
    client.assertWhole(client.model().fetch());
    assertTrue(Files.exists(folder.resolve("config.json")));
    assertEquals(2, hub.requests(WEIGHTS));
    assertEquals(1, hub.requests("tokenizer.json"));
  }

  @Test
  void aFetchGoesOnWhereAnEarlierProcessStopped() throws IOException {
    byte[] content = hub.content(WEIGHTS);
    Path blobs = Files.createDirectories(cache.resolve("models--team--tiny/blobs"));
    Files.write(
        blobs.resolve(FakeHub.sha256(content) + ".qwark.incomplete"),
        Arrays.copyOf(content, 123_456));
    client.assertWhole(client.model().fetch());
    assertTrue(hub.seen.stream().anyMatch(s -> "bytes=123456-".equals(s.range())));
  }

  @Test
  void longListsComeInPages() throws IOException {
    hub.pageSize = 1;
    client.assertWhole(client.model().fetch());
    assertEquals(4, hub.requests("tree/" + FakeHub.COMMIT));
  }

  @Test
  void manyAtOnceFetchOnce() throws IOException {
    List<CompletableFuture<Path>> all = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      all.add(
          CompletableFuture.supplyAsync(
              () -> client.model().fetch(), task -> new Thread(task).start()));
    }
    for (CompletableFuture<Path> one : all) {
      client.assertWhole(one.join());
    }
    assertEquals(1, hub.requests(WEIGHTS));
    assertEquals(1, hub.requests("tokenizer.json"));
  }

  @Test
  void filesOfTheSameContentAreFetchedOnce() throws IOException {
    hub.with("generation_config.json", hub.content("config.json"));
    Path folder = client.model().fetch();
    assertEquals("{}", Files.readString(folder.resolve("config.json")));
    assertEquals("{}", Files.readString(folder.resolve("generation_config.json")));
    assertEquals(1, hub.requests("config.json") + hub.requests("generation_config.json"));
  }

  @Test
  void offlineTheCacheServesAndNobodyIsAsked() throws IOException {
    Path folder = client.model().fetch();
    hub.seen.clear();
    HubSettings offline = client.settings(hub.address(), TOKEN, true);
    assertEquals(folder, client.model(FakeHub.MODEL, offline).fetch());
    UserException e =
        assertThrows(UserException.class, () -> client.model("team/other", offline).fetch());
    assertTrue(e.reason().contains("HF_HUB_OFFLINE"), e.reason());
    assertEquals(List.of(), hub.seen);
  }

  @Test
  void whereTheHubCannotBeReachedTheCacheServesAndTheUserHearsOfIt() throws IOException {
    Path folder = client.model().fetch();
    hub.close();
    assertEquals(folder, client.model().fetch());
    assertTrue(client.notes.get(client.notes.size() - 1).contains("is used as the cache has it"));
  }

  @Test
  void whereNothingCanBeReachedAndNothingIsCachedTheCauseIsSaid() {
    hub.close();
    UserException e = client.refusal();
    assertTrue(e.reason().contains("refuses connections or cannot be reached"), e.reason());
  }

  @Test
  void aDiskWithoutRoomIsSaidBeforeAnythingIsFetched() {
    hub.extraEntries =
        List.of(
            """
            {"type": "file", "path": "merges.txt", "size": 9000000000000000, "oid": "%s"}"""
                .formatted("0".repeat(40)));
    assertTrue(client.refusal().remedy().startsWith("Free some space"));
    assertEquals(0, hub.requests("merges.txt"));
  }
}
