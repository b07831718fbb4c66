package io.qwark.engine;

import io.qwark.engine.api.EngineOptions;
import io.qwark.engine.checkpoint.AdaptedFiles;
import io.qwark.engine.checkpoint.ModelFiles;
import io.qwark.engine.checkpoint.ModelFolder;
import io.qwark.engine.gguf.GgufModel;
import java.nio.file.Files;
import java.nio.file.Path;

/** Opens models of any form. */
public final class Models {
  private Models() {}

  /**
   * Checks that what a model needs is there, without reading it all.
   *
   * @param path a Hugging Face folder, a GGUF file, any part of a GGUF file in parts, or a folder
   *     that holds one GGUF model and no {@code config.json}
   * @throws io.qwark.engine.api.UserException that names all that is missing
   */
  public static ModelFiles open(Path path) {
    if (GgufModel.isGguf(path)) {
      return GgufModel.open(path);
    }
    if (Files.isDirectory(path) && !Files.exists(path.resolve(ModelFolder.CONFIG))) {
      Path gguf = GgufModel.in(path);
      if (gguf != null) {
        return GgufModel.open(gguf);
      }
    }
    return ModelFolder.open(path);
  }

  /**
   * The model that options name, with their adapter merged into it if they name one.
   *
   * @throws io.qwark.engine.api.UserException as {@link #open(Path)}, and if the adapter cannot be
   *     merged
   */
  public static ModelFiles open(EngineOptions options) {
    ModelFiles model = open(Path.of(options.model()));
    return options.lora() == null ? model : AdaptedFiles.of(model, Path.of(options.lora()));
  }
}
