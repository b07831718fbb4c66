package io.qwark.engine.checkpoint;

import io.qwark.engine.api.UserException;
import java.nio.file.Path;

/** Builds the messages of this package, so that they read alike. */
final class Errors {
  private static final String DOWNLOAD_AGAIN =
      "Download the model folder again, or point to another one";

  private Errors() {}

  static UserException damaged(Path file, String reason) {
    return damaged(file, reason, null);
  }

  static UserException damaged(Path file, String reason, Throwable underlying) {
    return new UserException("Cannot read " + file, reason, DOWNLOAD_AGAIN, underlying);
  }

  static UserException tensor(Path file, String tensor, String reason) {
    return new UserException(
        "Cannot read tensor " + shown(tensor) + " in " + file, reason, DOWNLOAD_AGAIN);
  }

  /** What is wrong with a layer of several tensors. */
  static UserException layer(Path folder, String module, String reason) {
    return new UserException(
        "Cannot read layer " + shown(module) + " in " + folder, reason, DOWNLOAD_AGAIN);
  }

  static UserException unsupportedWeights(Path config, String reason) {
    return new UserException(
        "Cannot read the weights that " + config + " describes",
        reason,
        "Choose a checkpoint that is not quantized, or one in " + QuantizedFormats.SUPPORTED);
  }

  static UserException unsupported(Path config, String reason) {
    return new UserException(
        "Cannot run the model of " + config,
        reason,
        "Choose a dense model of model_type "
            + Family.modelTypes()
            + " (full attention, silu, no bias but Qwen2's, rope_type default, linear, yarn or"
            + " llama3)");
  }

  /** Foreign text in a message: bounded, and without line breaks or control characters. */
  static String shown(String foreign) {
    String clean = foreign.replaceAll("\\p{Cntrl}", "?");
    return clean.length() <= 200 ? clean : clean.substring(0, 200) + "…";
  }
}
