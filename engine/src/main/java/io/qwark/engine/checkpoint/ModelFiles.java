package io.qwark.engine.checkpoint;

import io.qwark.engine.api.GenerationDefaults;
import java.nio.file.Path;

/**
 * A model as it lies on this host, in whatever form; {@code io.qwark.engine.Models} opens one.
 * Parts are read when they are asked for.
 */
public interface ModelFiles {
  /** The folder or file. */
  Path path();

  /** The model's shape. */
  ModelConfig config();

  /** What its makers sample with. */
  GenerationDefaults generationDefaults();

  /** The tokenizer in the format of Hugging Face's tokenizers library ({@code tokenizer.json}). */
  String tokenizerJson();

  /** The model's own chat template in Jinja, or null if it has none. */
  String chatTemplate();

  /** The weights, mapped and not read. */
  Tensors tensors();

  /**
   * Identifies what the model computes: SHA-256, in hexadecimal, over all files that decide it.
   * Reads every byte: about a second for each GB.
   */
  String digest();
}
