package io.qwark.engine.hub;

import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpResponse.BodySubscriber;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * The body of an answer, read as it comes; a read fails where the server is silent for too long.
 * For one reading thread.
 */
final class BodyStream extends InputStream implements BodySubscriber<InputStream> {
  /** Pieces that may wait for the reader. */
  private static final int AHEAD = 16;

  /** The end of the body: complete without a failure. */
  private record Piece(List<ByteBuffer> buffers, boolean last, Throwable failure) {}

  private final LinkedBlockingQueue<Piece> pieces = new LinkedBlockingQueue<>();
  private final CompletableFuture<Flow.Subscription> subscription = new CompletableFuture<>();
  private final Duration patience;
  private List<ByteBuffer> current = List.of();
  private int next;
  private boolean ended;

  BodyStream(Duration patience) {
    this.patience = patience;
  }

  @Override
  public CompletionStage<InputStream> getBody() {
    return CompletableFuture.completedFuture(this);
  }

  @Override
  public void onSubscribe(Flow.Subscription s) {
    if (subscription.complete(s)) {
      s.request(AHEAD);
    } else {
      s.cancel();
    }
  }

  @Override
  public void onNext(List<ByteBuffer> buffers) {
    pieces.add(new Piece(buffers, false, null));
  }

  @Override
  public void onError(Throwable failure) {
    pieces.add(new Piece(List.of(), true, failure));
  }

  @Override
  public void onComplete() {
    pieces.add(new Piece(List.of(), true, null));
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
  }

  @Override
  public int read(byte[] to, int offset, int length) throws IOException {
    Objects.checkFromIndexSize(offset, length, to.length);
    if (length == 0) {
      return 0;
    }
    while (next == current.size() || !current.get(next).hasRemaining()) {
      if (next < current.size()) {
        next++;
      } else if (ended || !take()) {
        return -1;
      }
    }
    ByteBuffer buffer = current.get(next);
    int count = Math.min(length, buffer.remaining());
    buffer.get(to, offset, count);
    return count;
  }

  /** Whether there is a further piece. */
  private boolean take() throws IOException {
    Piece piece;
    try {
      piece = pieces.poll(patience.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("the transfer was interrupted", e);
    }
    if (piece == null) {
      close();
      throw new IOException("the server sent nothing for " + patience.toSeconds() + " s");
    }
    if (piece.last()) {
      ended = true;
      if (piece.failure() != null) {
        throw new IOException("the connection broke", piece.failure());
      }
      return false;
    }
    current = piece.buffers();
    next = 0;
    subscription.join().request(1);
    return true;
  }

  /** Also ends the connection where the body has not come to its end. */
  @Override
  public void close() {
    if (!ended && subscription.isDone()) {
      subscription.join().cancel();
    }
    ended = true;
    current = List.of();
    next = 0;
  }
}
