package io.qwark.engine.checkpoint;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;

/** SHA-256 over names, sizes and contents of files, streamed. */
public final class FolderDigest {
  private FolderDigest() {}

  /**
   * Each file counts as the length of its name (4 bytes, big-endian), its name in UTF-8, its size
   * (8 bytes) and its content, in the order of names.
   *
   * @return in hexadecimal
   */
  public static String of(List<Path> files) {
    MessageDigest digest = sha256();
    byte[] buffer = new byte[1 << 20];
    List<Path> sorted =
        files.stream().sorted(Comparator.comparing(f -> f.getFileName().toString())).toList();
    for (Path file : sorted) {
      byte[] name = file.getFileName().toString().getBytes(StandardCharsets.UTF_8);
      try (InputStream in = Files.newInputStream(file)) {
        digest.update(ByteBuffer.allocate(4).putInt(name.length).array());
        digest.update(name);
        digest.update(ByteBuffer.allocate(8).putLong(Files.size(file)).array());
        for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
          digest.update(buffer, 0, read);
        }
      } catch (IOException e) {
        throw Errors.damaged(file, JsonFile.reason(e), e);
      }
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  /** One digest for what has several. */
  static String join(List<String> digests) {
    MessageDigest digest = sha256();
    digests.forEach(one -> digest.update((one + "\n").getBytes(StandardCharsets.UTF_8)));
    return HexFormat.of().formatHex(digest.digest());
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("Every Java platform has SHA-256", e);
    }
  }
}
