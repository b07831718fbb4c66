package io.qwark.engine.checkpoint;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;

/**
 * Tells large files apart without reading them through: a digest over names, sizes, times of change
 * and samples of the contents. Files with the same stamp are taken for the same.
 */
public final class FileStamp {
  private static final int SAMPLES = 32;
  private static final int SAMPLE_BYTES = 1 << 16;

  private FileStamp() {}

  /**
   * @param purpose what the stamp is for; stamps for different purposes differ
   * @return 64 hexadecimal digits
   * @throws io.qwark.engine.api.UserException if a file cannot be read
   */
  public static String of(String purpose, List<Path> files) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update(purpose.getBytes(StandardCharsets.UTF_8));
      for (Path file : files) {
        add(file, digest);
      }
      return HexFormat.of().formatHex(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("Every Java platform has SHA-256", e);
    }
  }

  private static void add(Path file, MessageDigest digest) {
    try (FileChannel channel = FileChannel.open(file)) {
      long size = channel.size();
      String facts =
          "\n%s %d %d\n"
              .formatted(file.getFileName(), size, Files.getLastModifiedTime(file).toMillis());
      digest.update(facts.getBytes(StandardCharsets.UTF_8));
      ByteBuffer sample = ByteBuffer.allocate(SAMPLE_BYTES);
      for (int i = 0; i < SAMPLES; i++) {
        sample.clear();
        channel.read(sample, Math.max(0, size - SAMPLE_BYTES) / (SAMPLES - 1) * i);
        digest.update(sample.flip());
      }
    } catch (IOException e) {
      throw Errors.damaged(file, JsonFile.reason(e), e);
    }
  }
}
