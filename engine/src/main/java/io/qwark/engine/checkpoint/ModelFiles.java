package io.qwark.engine.checkpoint;

import io.qwark.engine.api.GenerationDefaults;
import java.nio.file.Path;

/** A model as it lies on this host, in whatever form. Parts are read when they are asked for. */
public interface ModelFiles {
  /**
   * Checks that what a model needs is there, without reading it all.
   *
   * @param path a Hugging Face folder
   * @throws io.qwark.engine.api.UserException that names all that is missing
   */
  static ModelFiles open(Path path) {
    return ModelFolder.open(path);
  }

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
