package io.qwark.jobs.model;

import java.io.IOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FSInputStream;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;

/** The local file system under another scheme, whose reads break now and then. */
public final class BreakingFileSystem extends RawLocalFileSystem {
  static final String SCHEME = "breaking";

  /** Names of files in the order of their being opened. */
  static final List<String> OPENED = Collections.synchronizedList(new ArrayList<>());

  /** Bytes after which a read breaks, about; 0 for never. */
  static volatile int breakAfter;

  private final Random random = new Random(1);

  @Override
  public URI getUri() {
    return URI.create(SCHEME + ":///");
  }

  @Override
  public String getScheme() {
    return SCHEME;
  }

  @Override
  public FSDataInputStream open(Path path, int bufferSize) throws IOException {
    OPENED.add(path.getName());
    return new FSDataInputStream(new Breaking(super.open(path, bufferSize)));
  }

  private final class Breaking extends FSInputStream {
    private final FSDataInputStream in;
    private long left =
        breakAfter == 0 ? Long.MAX_VALUE : breakAfter + random.nextInt(1 + breakAfter);

    Breaking(FSDataInputStream in) {
      this.in = in;
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public int read(byte[] to, int offset, int length) throws IOException {
      if (left <= 0) {
        throw new IOException("the data node went away");
      }
      int read = in.read(to, offset, (int) Math.min(Math.min(length, 10_000), left));
      left -= Math.max(0, read);
      return read;
    }

    @Override
    public void seek(long position) throws IOException {
      in.seek(position);
    }

    @Override
    public long getPos() throws IOException {
      return in.getPos();
    }

    @Override
    public boolean seekToNewSource(long target) {
      return false;
    }

    @Override
    public void close() throws IOException {
      in.close();
    }
  }
}
