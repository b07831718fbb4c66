package io.qwark.jobs.doctor;

import io.qwark.engine.api.GenerationDefaults;
import io.qwark.engine.api.UserException;
import io.qwark.engine.checkpoint.ModelConfig;
import io.qwark.engine.checkpoint.ModelFolder;
import io.qwark.engine.checkpoint.SafeTensors;
import io.qwark.engine.checkpoint.TensorEntry;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;

/** A model folder, part by part; weights are mapped and not read. */
final class ModelLook {
  private ModelLook() {}

  static List<Finding> at(Path path) {
    List<Finding> findings = new ArrayList<>();
    ModelFolder folder;
    try {
      folder = ModelFolder.open(path);
    } catch (UserException e) {
      return List.of(failed("Model", e));
    }
    findings.add(Finding.ok("Model", path.toString()));
    findings.add(part("Model config", () -> config(folder.config())));
    findings.add(part("Model sampling", () -> sampling(folder.generationDefaults())));
    findings.add(part("Model weights", () -> weights(folder.tensors())));
    findings.add(template(folder));
    return findings;
  }

  private static Finding part(String subject, Supplier<String> look) {
    try {
      return Finding.ok(subject, look.get());
    } catch (UserException e) {
      return failed(subject, e);
    }
  }

  private static Finding failed(String subject, UserException e) {
    return Finding.fail(subject, e.problem() + ": " + e.reason(), e.remedy());
  }

  private static String config(ModelConfig config) {
    return String.format(
        Locale.ROOT,
        "%s, %d layers of %d, %d heads (%d for keys and values), vocabulary %,d, context %,d",
        config.architecture(),
        config.numHiddenLayers(),
        config.hiddenSize(),
        config.numAttentionHeads(),
        config.numKeyValueHeads(),
        config.vocabSize(),
        config.maxPositionEmbeddings());
  }

  private static String sampling(GenerationDefaults defaults) {
    return String.format(
        Locale.ROOT,
        "temperature %s, top_p %s, top_k %d, ends at %s",
        defaults.temperature(),
        defaults.topP(),
        defaults.topK(),
        defaults.eosTokenIds());
  }

  private static String weights(SafeTensors tensors) {
    long parameters = 0;
    long bytes = 0;
    for (TensorEntry tensor : tensors.entries()) {
      parameters += tensor.size();
      bytes += tensor.rowCount() * tensor.rowBytes();
    }
    return String.format(
        Locale.ROOT,
        "%,d parameters in %d tensors, %d file(s), %s",
        parameters,
        tensors.entries().size(),
        tensors.files().size(),
        Machine.gib(bytes));
  }

  private static Finding template(ModelFolder folder) {
    try {
      return folder.chatTemplate() == null
          ? Finding.warn(
              "Model template",
              "it has no chat template",
              "Set model.chat_template, or send prompts as plain text")
          : Finding.ok("Model template", "its own chat template");
    } catch (UserException e) {
      return failed("Model template", e);
    }
  }
}
