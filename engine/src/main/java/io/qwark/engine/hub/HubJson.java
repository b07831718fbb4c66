package io.qwark.engine.hub;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.qwark.engine.api.UserException;
import io.qwark.engine.source.FetchProgress;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpHeaders;
import java.util.Map;

/** Asks a hub's program interface, with retries. */
final class HubJson {
  private static final int MAX_BYTES = 32 << 20;
  private static final ObjectMapper MAPPER =
      JsonMapper.builder(
              JsonFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder().maxNestingDepth(64).build())
                  .build())
          .build();

  private final HubApi api;
  private final HttpTransport transport;
  private final HubSettings settings;
  private final FetchProgress progress;

  /** What came, and the headers it came with. */
  record Page(JsonNode root, HttpHeaders headers) {}

  HubJson(HubApi api, HttpTransport transport, HubSettings settings, FetchProgress progress) {
    this.api = api;
    this.transport = transport;
    this.settings = settings;
    this.progress = progress;
  }

  /**
   * @throws UserException if the hub says no, or nothing that is understood
   */
  Page get(ModelId id, URI uri) {
    Retries retries = new Retries(id.repository(), settings, progress);
    while (true) {
      try (HttpAnswer answer = transport.get(uri, Map.of("Accept", "application/json"))) {
        if (!answer.isGood()) {
          throw api.refused(id, answer);
        }
        byte[] bytes = answer.body().readNBytes(MAX_BYTES + 1);
        if (bytes.length > MAX_BYTES) {
          throw strange(id, "an answer of more than " + MAX_BYTES + " bytes", null);
        }
        return new Page(MAPPER.readTree(bytes), answer.headers());
      } catch (JacksonException e) {
        throw strange(id, "something that is not JSON", e);
      } catch (IOException e) {
        retries.failed(e);
      }
    }
  }

  UserException strange(ModelId id, String what, Throwable underlying) {
    return new UserException(
        "Cannot fetch " + id.repository() + " from " + settings.endpoint(),
        "it answered with " + what,
        "Check that the endpoint is one of "
            + id.hub().title()
            + " and that no proxy answers for it",
        underlying);
  }
}
