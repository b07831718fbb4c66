package io.qwark.engine.hub;

import io.qwark.engine.api.UserException;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Map;
import java.util.Set;

/**
 * Sends requests, one try each, and follows redirections. Credentials go to the endpoint's own
 * scheme, host and port and to nobody else.
 */
final class HttpTransport {
  private static final int MOST_REDIRECTS = 8;
  private static final Set<Integer> REDIRECTS = Set.of(301, 302, 303, 307, 308);
  private static final String AGENT = "qwark";

  private final HttpClient client;
  private final HubSettings settings;
  private final Map<String, String> credentials;
  private final URI endpoint;

  HttpTransport(HubSettings settings, Map<String, String> credentials) {
    this.settings = settings;
    this.credentials = credentials;
    endpoint = URI.create(settings.endpoint());
    client =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NEVER)
            .connectTimeout(settings.patience())
            .proxy(EnvironmentProxies.of(System.getenv()))
            .build();
  }

  /**
   * Gets something.
   *
   * @param headers for every host on the way
   * @return an answer that is good or says no; its body is still to be read
   * @throws TryLater if the server is busy or broken
   * @throws IOException if it cannot be reached or is silent
   */
  HttpAnswer get(URI uri, Map<String, String> headers) throws IOException {
    URI at = uri;
    for (int redirects = 0; redirects <= MOST_REDIRECTS; redirects++) {
      HttpAnswer answer = send(at, headers);
      if (!REDIRECTS.contains(answer.status())) {
        return checked(answer);
      }
      answer.close();
      at = target(answer);
    }
    throw new IOException("the server redirects in a circle");
  }

  private HttpAnswer send(URI uri, Map<String, String> headers) throws IOException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(uri)
            .timeout(settings.patience())
            .header("User-Agent", AGENT)
            .header("Accept-Encoding", "identity");
    headers.forEach(request::header);
    boolean own = isOwn(uri);
    if (own) {
      credentials.forEach(request::header);
    }
    try {
      HttpResponse<InputStream> response =
          client.send(request.build(), info -> new BodyStream(settings.patience()));
      return new HttpAnswer(uri, own, response.statusCode(), response.headers(), response.body());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("the transfer was interrupted", e);
    }
  }

  /** Whether this is the endpoint's scheme, host and port. */
  boolean isOwn(URI uri) {
    return uri.getScheme().equalsIgnoreCase(endpoint.getScheme())
        && uri.getHost().equalsIgnoreCase(endpoint.getHost())
        && port(uri) == port(endpoint);
  }

  private static int port(URI uri) {
    boolean isSecure = uri.getScheme().equalsIgnoreCase("https");
    return uri.getPort() >= 0 ? uri.getPort() : isSecure ? 443 : 80;
  }

  private static URI target(HttpAnswer answer) throws IOException {
    String location = answer.header("Location");
    URI target;
    try {
      target = answer.uri().resolve(location == null ? "" : location);
    } catch (IllegalArgumentException e) {
      throw new IOException("the server redirects to no address", e);
    }
    String scheme = String.valueOf(target.getScheme());
    boolean isSecure = scheme.equalsIgnoreCase("https");
    if (location == null || target.getHost() == null) {
      throw new IOException("the server redirects to no address");
    }
    if (!isSecure
        && !(scheme.equalsIgnoreCase("http")
            && answer.uri().getScheme().equalsIgnoreCase("http"))) {
      throw new UserException(
          "Cannot fetch from " + answer.uri().getHost(),
          "it redirects from https to " + scheme,
          "Check the endpoint and the proxy: somebody may be reading along");
    }
    return target;
  }

  private static HttpAnswer checked(HttpAnswer answer) throws IOException {
    int status = answer.status();
    // A link that was given out for a while is asked for anew with the next try.
    boolean isExpired = !answer.own() && (status == 401 || status == 403 || status == 410);
    if (status == 408 || status == 425 || status == 429 || status >= 500 || isExpired) {
      answer.close();
      throw new TryLater(
          "the server " + answer.uri().getHost() + " answered with status " + status,
          after(answer.header("Retry-After")));
    }
    return answer;
  }

  /** Seconds, or a date; see RFC 9110, 10.2.3. */
  private static Duration after(String value) {
    if (value == null) {
      return null;
    }
    if (value.matches("\\d{1,6}")) {
      return Duration.ofSeconds(Long.parseLong(value));
    }
    try {
      ZonedDateTime date = ZonedDateTime.parse(value, DateTimeFormatter.RFC_1123_DATE_TIME);
      Duration left = Duration.between(ZonedDateTime.now(date.getZone()), date);
      return left.isNegative() ? Duration.ZERO : left;
    } catch (DateTimeException e) {
      return null;
    }
  }
}
