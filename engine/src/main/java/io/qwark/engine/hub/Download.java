package io.qwark.engine.hub;

import io.qwark.engine.api.UserException;
import io.qwark.engine.source.FetchProgress;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalLong;
import java.util.function.BooleanSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Brings one file here, whole and checked, over as many tries as it takes; each goes on where the
 * one before broke off, also one of an earlier process.
 */
final class Download {
  private static final Pattern RANGE = Pattern.compile("bytes (\\d{1,18})-\\d+/(\\d{1,18}|\\*)");

  /** Times that a content may turn out to be another one than was listed. */
  private static final int MOST_WRONG = 2;

  /** Bytes that make a try count as a step forward. */
  private static final long STEP = 1 << 20;

  private final ModelId id;
  private final HubFile file;
  private final HubApi api;
  private final HttpTransport transport;
  private final FetchProgress progress;
  private final Retries retries;
  private final BooleanSupplier stopped;
  private String etag;
  private int wrong;

  /**
   * @param stopped whether to give up, since another file cannot be had
   */
  Download(
      ModelId id,
      HubFile file,
      HubApi api,
      HttpTransport transport,
      HubSettings settings,
      FetchProgress progress,
      BooleanSupplier stopped) {
    this.id = id;
    this.file = file;
    this.api = api;
    this.transport = transport;
    this.progress = progress;
    this.stopped = stopped;
    retries = new Retries(id.repository() + " " + file.path(), settings, progress);
  }

  /**
   * Fills a file.
   *
   * @param to may hold the beginning already; holds everything afterwards, unless it was stopped
   * @throws UserException if the hub refuses, sends something else again and again, or cannot be
   *     reached
   * @throws IOException if the file cannot be written
   */
  void into(Path to) throws IOException {
    if (Files.exists(to) && Files.size(to) > file.size()) {
      restart(to);
    }
    while (!stopped.getAsBoolean()) {
      long before = Files.exists(to) ? Files.size(to) : 0;
      try {
        if (before < file.size() || !Files.exists(to)) {
          append(to, before);
        }
        if (stopped.getAsBoolean()) {
          return;
        }
        if (file.checksum().isOf(to)) {
          return;
        }
        restart(to);
        if (++wrong > MOST_WRONG) {
          throw notAsListed("its content does not have the checksum that the hub lists");
        }
        retries.failed(new IOException("the content does not have its checksum"));
      } catch (FileSystemException e) {
        throw e;
      } catch (IOException e) {
        long gained = (Files.exists(to) ? Files.size(to) : 0) - before;
        if (gained >= Math.min(STEP, file.size() / 16 + 1)) {
          retries.progressed();
        }
        retries.failed(e);
      }
    }
  }

  private UserException notAsListed(String reason) {
    return new UserException(
        "Cannot fetch " + file.path() + " of " + id.repository(),
        reason,
        "Try again later; if it stays so, tell the model's owner, or see whether a proxy changes"
            + " what it hands on");
  }

  private void append(Path to, long offset) throws IOException {
    Map<String, String> headers = new HashMap<>();
    if (offset > 0) {
      headers.put("Range", "bytes=" + offset + "-");
      if (etag != null) {
        headers.put("If-Range", etag);
      }
    }
    try (HttpAnswer answer = transport.get(api.content(id, file), headers)) {
      if (answer.status() == 416) {
        restart(to);
        throw new IOException("the server has no byte " + offset);
      }
      if (!answer.isGood()) {
        throw api.refused(id, answer);
      }
      String tag = answer.header("ETag");
      etag = tag == null || tag.startsWith("W/") ? null : tag;
      receive(answer, to, start(answer, to, offset));
    }
  }

  /** Where the body begins: at the offset that was asked for, or anew. */
  private long start(HttpAnswer answer, Path to, long offset) throws IOException {
    if (answer.status() == 200) {
      OptionalLong length = answer.length();
      if (length.isPresent() && length.getAsLong() != file.size()) {
        throw wrongSize(length.getAsLong());
      }
      if (offset > 0) {
        // The server knows no ranges, or the file has changed.
        restart(to);
      }
      return 0;
    }
    Matcher range = RANGE.matcher(String.valueOf(answer.header("Content-Range")));
    if (!range.matches() || Long.parseLong(range.group(1)) != offset) {
      throw new IOException("the server sent another part than it was asked for");
    }
    if (!range.group(2).equals("*") && Long.parseLong(range.group(2)) != file.size()) {
      throw wrongSize(Long.parseLong(range.group(2)));
    }
    return offset;
  }

  private IOException wrongSize(long size) {
    if (++wrong > MOST_WRONG) {
      throw notAsListed("it has " + size + " bytes, and the hub lists " + file.size());
    }
    return new IOException("the server sends " + size + " bytes instead of " + file.size());
  }

  private void receive(HttpAnswer answer, Path to, long start) throws IOException {
    byte[] buffer = new byte[1 << 18];
    long at = start;
    try (OutputStream out =
        Files.newOutputStream(to, StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
      InputStream in = answer.body();
      for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
        if (at + read > file.size()) {
          progress.advance(start - at);
          throw tooMuch(to, start);
        }
        if (stopped.getAsBoolean()) {
          return;
        }
        out.write(buffer, 0, read);
        at += read;
        progress.advance(read);
      }
    }
    if (at < file.size()) {
      throw new IOException("the connection ended after " + at + " of " + file.size() + " bytes");
    }
  }

  private IOException tooMuch(Path to, long start) throws IOException {
    if (++wrong > MOST_WRONG) {
      throw notAsListed("the server sends more than the " + file.size() + " bytes that it lists");
    }
    try (var channel = Files.newByteChannel(to, StandardOpenOption.WRITE)) {
      channel.truncate(start);
    }
    return new IOException("the server sends more than " + file.size() + " bytes");
  }

  private void restart(Path to) throws IOException {
    if (Files.exists(to)) {
      progress.advance(-Files.size(to));
      Files.delete(to);
    }
  }
}
