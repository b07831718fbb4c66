package io.qwark.engine.hub;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.qwark.engine.api.UserException;
import io.qwark.engine.source.FetchProgress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Fetches models from a {@link FakeHub} with little patience, and keeps what a user hears. */
final class HubClient {
  static final String TOKEN = "hf_secret";

  private final FakeHub hub;
  private final Path cache;
  final List<String> notes = Collections.synchronizedList(new ArrayList<>());

  HubClient(FakeHub hub, Path cache) {
    this.hub = hub;
    this.cache = cache;
  }

  HubSettings settings(String endpoint, String token, boolean offline) {
    return new HubSettings(
        endpoint, token, cache, offline, Duration.ofMillis(700), Duration.ofMillis(5), 4, 3);
  }

  HubModel model() {
    return model(FakeHub.MODEL, settings(hub.address(), TOKEN, false));
  }

  HubModel model(String id, HubSettings settings) {
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

  UserException refusal() {
    return assertThrows(UserException.class, () -> model().fetch());
  }

  void assertWhole(Path folder) throws IOException {
    for (String file : List.of(FakeHub.WEIGHTS, "tokenizer.json")) {
      assertArrayEquals(hub.content(file), Files.readAllBytes(folder.resolve(file)));
    }
  }
}
