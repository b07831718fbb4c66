package io.qwark.engine.hub;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpHeaders;
import java.util.OptionalLong;

/**
 * A server's answer, to be closed.
 *
 * @param uri where it came from, after redirections
 * @param own whether that is the hub's endpoint itself
 */
record HttpAnswer(URI uri, boolean own, int status, HttpHeaders headers, InputStream body)
    implements AutoCloseable {

  boolean isGood() {
    return status == 200 || status == 206;
  }

  String header(String name) {
    return headers.firstValue(name).orElse(null);
  }

  /** Bytes of the body, if the server says. */
  OptionalLong length() {
    try {
      return headers.firstValueAsLong("Content-Length");
    } catch (NumberFormatException e) {
      return OptionalLong.empty();
    }
  }

  @Override
  public void close() throws IOException {
    body.close();
  }
}
