package io.qwark.engine.hub;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** A Hugging Face on the loopback interface that misbehaves on request. */
final class FakeHub implements AutoCloseable {
  static final String COMMIT = "0123456789abcdef0123456789abcdef01234567";
  static final String MODEL = "team/tiny";
  static final String WEIGHTS = "model.safetensors";

  /** Deals with a request in its own way. */
  interface Fault {
    /**
     * @param count requests of this path so far, this one included
     * @return whether it has answered
     */
    boolean handle(HttpExchange exchange, int count) throws IOException;
  }

  /** A request as it came. */
  record Seen(String path, String authorization, String range, String ifRange) {}

  private final HttpServer server;
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final Map<String, byte[]> files = new TreeMap<>();
  private final Map<String, Integer> counts = new TreeMap<>();
  final List<Seen> seen = Collections.synchronizedList(new ArrayList<>());
  volatile Fault fault = (exchange, count) -> false;
  volatile String commit = COMMIT;
  volatile int pageSize = 1000;
  volatile String nextHost;
  volatile List<String> extraEntries = List.of();
  volatile long sentBytes;

  FakeHub() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(threads);
    server.createContext("/", this::handle);
    server.start();
  }

  /** With the files of {@link #MODEL}, one of which no one needs. */
  static FakeHub withModel() throws IOException {
    return new FakeHub()
        .with("config.json", "{}".getBytes(StandardCharsets.UTF_8))
        .with("tokenizer.json", random(1, 20_000))
        .with("pytorch_model.bin", random(2, 1000))
        .with(WEIGHTS, random(3, 300_000));
  }

  static byte[] random(int seed, int size) {
    byte[] bytes = new byte[size];
    new Random(seed).nextBytes(bytes);
    return bytes;
  }

  String address() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  FakeHub with(String path, byte[] content) {
    files.put(path, content);
    return this;
  }

  byte[] content(String path) {
    return files.get(path);
  }

  int requests(String path) {
    return (int) seen.stream().filter(s -> s.path().endsWith("/" + path)).count();
  }

  private void handle(HttpExchange exchange) {
    String path = exchange.getRequestURI().getPath();
    Headers headers = exchange.getRequestHeaders();
    seen.add(
        new Seen(
            path,
            headers.getFirst("Authorization"),
            headers.getFirst("Range"),
            headers.getFirst("If-Range")));
    int count;
    synchronized (counts) {
      count = counts.merge(path, 1, Integer::sum);
    }
    try {
      if (!fault.handle(exchange, count)) {
        answer(exchange, path);
      }
    } catch (IOException e) {
      // The client went away, as some tests want.
      exchange.close();
      return;
    }
    exchange.close();
  }

  private void answer(HttpExchange exchange, String path) throws IOException {
    String models = "/api/models/" + MODEL;
    if (path.startsWith(models + "/revision/")) {
      send(exchange, 200, "{\"sha\": \"" + commit + "\", \"tags\": [\"license:mit\"]}");
    } else if (path.equals(models + "/tree/" + commit)) {
      tree(exchange);
    } else if (path.startsWith("/" + MODEL + "/resolve/" + commit + "/")) {
      String name = path.substring(("/" + MODEL + "/resolve/" + commit + "/").length());
      file(exchange, files.get(name), sha256(files.get(name)));
    } else {
      exchange.getResponseHeaders().set("X-Error-Code", "RepoNotFound");
      send(exchange, 404, "{\"error\": \"Repository not found\"}");
    }
  }

  private void tree(HttpExchange exchange) throws IOException {
    List<String> entries = new ArrayList<>(extraEntries);
    files.forEach((path, content) -> entries.add(entry(path, content)));
    String query = String.valueOf(exchange.getRequestURI().getQuery());
    int from = query.contains("cursor=") ? Integer.parseInt(query.replaceAll(".*cursor=", "")) : 0;
    int to = Math.min(entries.size(), from + pageSize);
    if (to < entries.size()) {
      String host = nextHost == null ? address() : nextHost;
      exchange
          .getResponseHeaders()
          .set(
              "Link",
              "<%s/api/models/%s/tree/%s?recursive=true&cursor=%d>; rel=\"next\""
                  .formatted(host, MODEL, commit, to));
    }
    send(exchange, 200, "[" + String.join(",", entries.subList(from, to)) + "]");
  }

  private static String entry(String path, byte[] content) {
    return path.endsWith(".safetensors")
        ? """
          {"type": "file", "path": "%s", "size": %d, "oid": "%s",
           "lfs": {"oid": "%s", "size": %d, "pointerSize": 130}}"""
            .formatted(path, content.length, "0".repeat(40), sha256(content), content.length)
        : """
          {"type": "file", "path": "%s", "size": %d, "oid": "%s"}"""
            .formatted(path, content.length, gitBlob(content));
  }

  /** Answers as a good server does, ranges included. */
  void file(HttpExchange exchange, byte[] content, String etag) throws IOException {
    String range = exchange.getRequestHeaders().getFirst("Range");
    String ifRange = exchange.getRequestHeaders().getFirst("If-Range");
    exchange.getResponseHeaders().set("ETag", "\"" + etag + "\"");
    int from = 0;
    if (range != null && (ifRange == null || ifRange.equals("\"" + etag + "\""))) {
      from = Integer.parseInt(range.replaceAll("bytes=(\\d+)-", "$1"));
      exchange
          .getResponseHeaders()
          .set(
              "Content-Range", "bytes " + from + "-" + (content.length - 1) + "/" + content.length);
    }
    int length = content.length - from;
    exchange.sendResponseHeaders(
        exchange.getResponseHeaders().containsKey("Content-Range") ? 206 : 200,
        length == 0 ? -1 : length);
    write(exchange, content, from, length);
  }

  /** Sends some bytes of a body and counts them. */
  void write(HttpExchange exchange, byte[] content, int from, int length) throws IOException {
    OutputStream out = exchange.getResponseBody();
    for (int at = 0; at < length; at += 4096) {
      int count = Math.min(4096, length - at);
      out.write(content, from + at, count);
      synchronized (this) {
        sentBytes += count;
      }
    }
    out.flush();
  }

  static void send(HttpExchange exchange, int status, String body) throws IOException {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(status, bytes.length);
    exchange.getResponseBody().write(bytes);
  }

  /** The name of the file that a request is for, or an empty string. */
  static String file(HttpExchange exchange) {
    String path = exchange.getRequestURI().getPath();
    int resolve = path.indexOf("/resolve/");
    return resolve < 0
        ? ""
        : URLDecoder.decode(path.substring(resolve + 9 + 41), StandardCharsets.UTF_8);
  }

  static String sha256(byte[] content) {
    return digest("SHA-256", new byte[0], content);
  }

  static String gitBlob(byte[] content) {
    return digest(
        "SHA-1", ("blob " + content.length + "\0").getBytes(StandardCharsets.US_ASCII), content);
  }

  private static String digest(String algorithm, byte[] header, byte[] content) {
    try {
      MessageDigest digest = MessageDigest.getInstance(algorithm);
      digest.update(header);
      return HexFormat.of().formatHex(digest.digest(content));
    } catch (NoSuchAlgorithmException e) {
      throw new UncheckedIOException(new IOException(e));
    }
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
