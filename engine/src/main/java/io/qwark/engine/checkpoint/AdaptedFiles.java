package io.qwark.engine.checkpoint;

import io.qwark.engine.api.GenerationDefaults;
import io.qwark.engine.api.UserException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A model with a LoRA adapter merged into its weights; all else is the model's own. */
public final class AdaptedFiles implements ModelFiles {
  private static final Logger LOG = LoggerFactory.getLogger(AdaptedFiles.class);

  private final ModelFiles model;
  private final LoraAdapter adapter;

  private AdaptedFiles(ModelFiles model, LoraAdapter adapter) {
    this.model = model;
    this.adapter = adapter;
  }

  /**
   * @param folder of the adapter
   * @throws UserException if there is no adapter that can be merged
   */
  public static AdaptedFiles of(ModelFiles model, Path folder) {
    LoraAdapter adapter = LoraAdapter.open(folder);
    String base = adapter.baseModel();
    if (base != null && !isNamed(model.path(), base)) {
      LOG.warn(
          "The adapter in {} says that it was trained on {}, and is merged into {}",
          folder,
          Errors.shown(base),
          model.path());
    }
    return new AdaptedFiles(model, adapter);
  }

  /** Whether a path, which may be a cache's, bears the last name of what a model is called. */
  static boolean isNamed(Path path, String model) {
    String[] names = model.split("[/\\\\]");
    String last = names.length == 0 ? "" : names[names.length - 1];
    return path.toAbsolutePath()
        .normalize()
        .toString()
        .toLowerCase(Locale.ROOT)
        .contains(last.toLowerCase(Locale.ROOT));
  }

  @Override
  public Path path() {
    return model.path();
  }

  @Override
  public ModelConfig config() {
    return model.config();
  }

  @Override
  public GenerationDefaults generationDefaults() {
    return model.generationDefaults();
  }

  @Override
  public String tokenizerJson() {
    return model.tokenizerJson();
  }

  @Override
  public String chatTemplate() {
    return model.chatTemplate();
  }

  @Override
  public Tensors tensors() {
    if (config().tieWordEmbeddings() && adapter.modules().contains("lm_head")) {
      throw new UserException(
          "Cannot merge an adapter into " + path(),
          "it changes lm_head, and this model's output layer is its embedding table",
          "Use an adapter that leaves lm_head alone, or merge it with PEFT and save the whole"
              + " model");
    }
    return new LoraTensors(model.tensors(), adapter);
  }

  /** Over the model's digest and the adapter's files. */
  @Override
  public String digest() {
    return FolderDigest.join(List.of(model.digest(), FolderDigest.of(adapter.files())));
  }
}
