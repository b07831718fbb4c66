package io.qwark.jobs.doctor;

import io.qwark.engine.Models;
import io.qwark.engine.api.GenerationDefaults;
import io.qwark.engine.api.UserException;
import io.qwark.engine.checkpoint.ModelConfig;
import io.qwark.engine.checkpoint.ModelFiles;
import io.qwark.engine.checkpoint.Tensor;
import io.qwark.engine.checkpoint.Tensors;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;

/** A model, part by part; weights are mapped and not read. */
final class ModelLook {
  private ModelLook() {}

  static List<Finding> at(Path path) {
    List<Finding> findings = new ArrayList<>();
    ModelFiles folder;
    try {
      folder = Models.open(path);
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

  private static String weights(Tensors tensors) {
    long parameters = 0;
    Set<String> formats = new TreeSet<>();
    for (Tensor tensor : tensors.entries()) {
      parameters += tensor.size();
      formats.add(tensor.format());
    }
    long bytes = tensors.files().stream().mapToLong(ModelLook::size).sum();
    return String.format(
        Locale.ROOT,
        "%,d parameters in %d tensors (%s), %d file(s), %s",
        parameters,
        tensors.entries().size(),
        String.join(", ", formats),
        tensors.files().size(),
        Machine.gib(bytes));
  }

  private static long size(Path file) {
    try {
      return Files.size(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Finding template(ModelFiles folder) {
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
