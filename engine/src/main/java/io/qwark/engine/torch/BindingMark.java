package io.qwark.engine.torch;

import io.qwark.engine.api.UserException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a library out of engine/native says about itself, read from its file without loading it.
 *
 * @param torch the PyTorch that it was built for, such as 2.11.0+cu130
 * @param djl the DJL whose methods it implements
 */
record BindingMark(String torch, String djl) {
  /** Ours takes less than a megabyte and DJL's own four. */
  private static final long LARGEST = 64L << 20;

  /** As library.cpp writes it. */
  private static final Pattern MARK =
      Pattern.compile("<qwark-binding torch=([0-9A-Za-z.+_-]{1,80}) djl=([0-9A-Za-z.+_-]{1,80})>");

  /**
   * The mark of a library.
   *
   * @return empty if it has none, as DJL's own
   * @throws UserException if the file cannot be read
   */
  static Optional<BindingMark> read(Path library) {
    try {
      long size = Files.size(library);
      if (size > LARGEST) {
        throw unreadable(library, "it has " + size + " bytes, which no such library has", null);
      }
      String content = new String(Files.readAllBytes(library), StandardCharsets.ISO_8859_1);
      Matcher mark = MARK.matcher(content);
      return mark.find()
          ? Optional.of(new BindingMark(mark.group(1), mark.group(2)))
          : Optional.empty();
    } catch (IOException e) {
      throw unreadable(library, e.toString(), e);
    }
  }

  private static UserException unreadable(Path library, String reason, IOException e) {
    return new UserException(
        "Cannot read " + library, reason, "Build it again with engine/native/build.sh", e);
  }
}
