package io.qwark.engine.hub;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Locale;

/**
 * What a content's digest must be.
 *
 * @param hex lower-case digits
 */
record Checksum(Kind kind, String hex) {

  /** How it is made; see https://git-scm.com/book/en/v2/Git-Internals-Git-Objects for blobs. */
  enum Kind {
    SHA256("SHA-256", 64),
    /** Of the word {@code blob}, a space, the size in decimal, a zero byte, and the content. */
    GIT_BLOB("SHA-1", 40);

    private final String algorithm;
    private final int digits;

    Kind(String algorithm, int digits) {
      this.algorithm = algorithm;
      this.digits = digits;
    }
  }

  /** Null if the digits are not such a checksum's. */
  static Checksum of(Kind kind, String hex) {
    String digits = hex.toLowerCase(Locale.ROOT);
    return digits.matches("[0-9a-f]{" + kind.digits + "}") ? new Checksum(kind, digits) : null;
  }

  /** A digest that the bytes of a content of this size are to be put into. */
  MessageDigest begin(long size) {
    try {
      MessageDigest digest = MessageDigest.getInstance(kind.algorithm);
      if (kind == Kind.GIT_BLOB) {
        digest.update(("blob " + size + "\0").getBytes(StandardCharsets.US_ASCII));
      }
      return digest;
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("Every Java platform has " + kind.algorithm, e);
    }
  }

  boolean isOf(MessageDigest digest) {
    return HexFormat.of().formatHex(digest.digest()).equals(hex);
  }

  /** Reads a file through. */
  boolean isOf(Path file) throws IOException {
    MessageDigest digest = begin(Files.size(file));
    try (InputStream in = Files.newInputStream(file)) {
      byte[] buffer = new byte[1 << 20];
      for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
        digest.update(buffer, 0, read);
      }
    }
    return isOf(digest);
  }
}
