package io.qwark.engine.gguf;

import io.qwark.engine.api.UserException;
import java.nio.file.Path;

/** Builds the messages of this package, so that they read alike. */
final class GgufErrors {
  private GgufErrors() {}

  static UserException damaged(Path file, String reason) {
    return new UserException(
        "Cannot read " + file, reason, "Download the GGUF file again, or point to another one");
  }

  static UserException tensor(Path file, String tensor, String reason) {
    return damaged(file, "tensor " + shown(tensor) + " " + reason);
  }

  /** The file is sound and holds what the engine cannot run. */
  static UserException unsupported(Path file, String reason, String supported) {
    return new UserException("Cannot run the model of " + file, reason, supported);
  }

  /** Foreign text in a message: bounded, and without line breaks or control characters. */
  static String shown(String foreign) {
    String clean = foreign.replaceAll("\\p{Cntrl}", "?");
    return clean.length() <= 200 ? clean : clean.substring(0, 200) + "…";
  }
}
