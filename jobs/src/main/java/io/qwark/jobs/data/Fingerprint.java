package io.qwark.jobs.data;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocalFileSystem;
import org.apache.hadoop.fs.Path;

/** SHA-256 of data, so that a result can be traced to what it was made from. */
final class Fingerprint {
  private Fingerprint() {}

  /**
   * The digest of a local file as {@code sha256sum} prints it; of several files that of {@code
   * sha256sum}'s lines (with the files' bare names). Null for files that are not local, which would
   * have to be moved to be read.
   */
  static String of(List<FileStatus> files, Configuration hadoop) {
    try {
      StringBuilder lines = new StringBuilder();
      String digest = null;
      for (FileStatus file : files) {
        FileSystem system = file.getPath().getFileSystem(hadoop);
        if (!(system instanceof LocalFileSystem)) {
          return null;
        }
        digest = digest(system, file.getPath());
        lines.append(digest).append("  ").append(file.getPath().getName()).append('\n');
      }
      return files.size() == 1
          ? digest
          : hex(sha256().digest(lines.toString().getBytes(StandardCharsets.UTF_8)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String digest(FileSystem system, Path file) throws IOException {
    MessageDigest sha = sha256();
    byte[] buffer = new byte[1 << 16];
    try (InputStream in = system.open(file)) {
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        sha.update(buffer, 0, n);
      }
    }
    return hex(sha.digest());
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every Java has SHA-256", e);
    }
  }

  private static String hex(byte[] bytes) {
    return HexFormat.of().formatHex(bytes);
  }
}
