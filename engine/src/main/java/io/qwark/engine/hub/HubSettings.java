package io.qwark.engine.hub;

import io.qwark.engine.api.UserException;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * How a hub is reached and where its models are kept, with the meanings that its own tools give to
 * environment variables.
 *
 * @param endpoint without a slash at the end
 * @param token of the user, or null
 * @param cache folder
 * @param offline whether only the cache may be used
 * @param patience how long a server may be silent before a try counts as failed
 * @param pause before the second try; doubled for each further one
 * @param tries in a row without progress
 * @param parallel files that are fetched at a time
 */
record HubSettings(
    String endpoint,
    String token,
    Path cache,
    boolean offline,
    Duration patience,
    Duration pause,
    int tries,
    int parallel) {
  private static final Set<String> TRUE = Set.of("1", "ON", "YES", "TRUE");

  static HubSettings of(Hub hub, Map<String, String> environment, Path home) {
    boolean offline =
        isTrue(environment.get("HF_HUB_OFFLINE"))
            || isTrue(environment.get("TRANSFORMERS_OFFLINE"));
    return hub == Hub.HUGGING_FACE
        ? huggingFace(environment, home, offline)
        : modelScope(environment, home, offline);
  }

  private static HubSettings huggingFace(
      Map<String, String> environment, Path home, boolean offline) {
    Path caches = path(environment, home, home.resolve(".cache"), "XDG_CACHE_HOME");
    Path hfHome = path(environment, home, caches.resolve("huggingface"), "HF_HOME");
    Path cache =
        path(environment, home, hfHome.resolve("hub"), "HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE");
    String token = first(environment, "HF_TOKEN", "HUGGING_FACE_HUB_TOKEN");
    if (token == null) {
      token = stored(path(environment, home, hfHome.resolve("token"), "HF_TOKEN_PATH"));
    }
    if (isTrue(environment.get("HF_HUB_DISABLE_IMPLICIT_TOKEN"))) {
      token = null;
    }
    return of(
        environment, "HF_ENDPOINT", "https://huggingface.co", token, "HF_TOKEN", cache, offline);
  }

  private static HubSettings modelScope(
      Map<String, String> environment, Path home, boolean offline) {
    Path cache =
        path(environment, home, home.resolve(".cache").resolve("modelscope"), "MODELSCOPE_CACHE");
    String token = first(environment, "MODELSCOPE_API_TOKEN");
    return of(
        environment,
        "MODELSCOPE_ENDPOINT",
        "https://modelscope.cn",
        token,
        "MODELSCOPE_API_TOKEN",
        cache,
        offline);
  }

  private static HubSettings of(
      Map<String, String> environment,
      String variable,
      String usual,
      String token,
      String tokenVariable,
      Path cache,
      boolean offline) {
    String given = first(environment, variable);
    String endpoint = (given == null ? usual : given).replaceFirst("/+$", "");
    if (!isHttp(endpoint)) {
      throw new UserException(
          "Cannot use the endpoint " + endpoint,
          variable + " is not an http or https address",
          "Correct " + variable + ", or unset it for " + usual);
    }
    if (token != null && !token.matches("[\\x21-\\x7e]+")) {
      throw new UserException(
          "Cannot use the token of " + tokenVariable,
          "it holds spaces or characters that no token has",
          "Correct it, or unset it for public models");
    }
    return new HubSettings(
        endpoint, token, cache, offline, Duration.ofSeconds(30), Duration.ofSeconds(1), 6, 4);
  }

  private static boolean isHttp(String endpoint) {
    try {
      URI uri = URI.create(endpoint);
      return uri.getHost() != null && Set.of("http", "https").contains(uri.getScheme());
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  private static boolean isTrue(String value) {
    return value != null && TRUE.contains(value.toUpperCase(Locale.ROOT));
  }

  /** The first variable that is set to something. */
  private static String first(Map<String, String> environment, String... names) {
    for (String name : names) {
      String value = environment.getOrDefault(name, "").strip();
      if (!value.isEmpty()) {
        return value;
      }
    }
    return null;
  }

  private static Path path(
      Map<String, String> environment, Path home, Path otherwise, String... names) {
    String value = first(environment, names);
    if (value == null) {
      return otherwise;
    }
    return value.equals("~") || value.startsWith("~/")
        ? home.resolve(value.substring(1).replaceFirst("^/", ""))
        : Path.of(value).toAbsolutePath();
  }

  private static String stored(Path file) {
    try {
      String token = Files.readString(file).strip();
      return token.isEmpty() ? null : token;
    } catch (IOException e) {
      // Most have none.
      return null;
    }
  }

  /** Without the token, which nobody may print. */
  @Override
  public String toString() {
    return "HubSettings[" + endpoint + ", " + cache + (offline ? ", offline]" : "]");
  }
}
