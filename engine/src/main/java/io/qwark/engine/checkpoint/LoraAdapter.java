package io.qwark.engine.checkpoint;

import io.qwark.engine.api.UserException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** A LoRA adapter in a folder as PEFT saves it: matrices A {rank, in} and B {out, rank}. */
final class LoraAdapter {
  private static final String CONFIG = "adapter_config.json";
  private static final String WEIGHTS = "adapter_model.safetensors";
  private static final Pattern NAME =
      Pattern.compile("base_model\\.model\\.(.{1,500})\\.lora_([AB])(?:\\.default)?\\.weight");

  private final Path folder;
  private final LoraConfig config;

  private LoraAdapter(Path folder, LoraConfig config) {
    this.folder = folder;
    this.config = config;
  }

  /**
   * Reads the adapter's configuration.
   *
   * @throws UserException if a file is missing, or the adapter is of a kind that cannot be merged
   */
  static LoraAdapter open(Path folder) {
    List<String> missing =
        Stream.of(CONFIG, WEIGHTS)
            .filter(name -> !Files.isRegularFile(folder.resolve(name)))
            .toList();
    if (!missing.isEmpty()) {
      throw new UserException(
          "Cannot open LoRA adapter " + folder,
          Files.isDirectory(folder)
              ? "it lacks " + String.join(", ", missing)
              : Files.exists(folder) ? "it is not a folder" : "it does not exist",
          "Give the path of a folder as PEFT saves it, with " + CONFIG + " and " + WEIGHTS);
    }
    return new LoraAdapter(folder, LoraConfig.read(folder.resolve(CONFIG)));
  }

  /** What it was trained on, or null if it does not tell. */
  String baseModel() {
    return config.baseModel();
  }

  List<Path> files() {
    return List.of(folder.resolve(CONFIG), folder.resolve(WEIGHTS));
  }

  /**
   * Maps the adapter's weights over those of a model.
   *
   * @return merged weights by their name
   * @throws UserException if a tensor is missing, left over or does not fit the model
   */
  Map<String, Tensor> merge(Tensors base) {
    Map<String, TensorEntry[]> pairs = pairs();
    Map<String, Tensor> merged = new TreeMap<>();
    for (Map.Entry<String, TensorEntry[]> pair : pairs.entrySet()) {
      Tensor tensor = merge(base, pair.getKey(), pair.getValue()[0], pair.getValue()[1]);
      merged.put(tensor.name(), tensor);
    }
    if (config.targets().isComplete()) {
      for (Tensor tensor : base.entries()) {
        requirePair(tensor, pairs.keySet());
      }
    }
    return merged;
  }

  private Map<String, TensorEntry[]> pairs() {
    Path file = folder.resolve(WEIGHTS);
    Map<String, TensorEntry[]> pairs = new TreeMap<>();
    for (TensorEntry entry : SafeTensorsHeader.read(MappedFile.open(file))) {
      Matcher name = NAME.matcher(entry.name());
      if (!name.matches()) {
        throw Errors.tensor(file, entry.name(), "it is no A or B of a LoRA adapter");
      }
      if (!entry.dtype().weight() || entry.shape().length != 2) {
        throw Errors.tensor(
            file, entry.name(), "it is not a matrix of type " + DType.weightTypes());
      }
      int index = name.group(2).equals("A") ? 0 : 1;
      TensorEntry[] pair = pairs.computeIfAbsent(name.group(1), module -> new TensorEntry[2]);
      if (pair[index] != null) {
        throw Errors.tensor(file, entry.name(), "it is there twice");
      }
      pair[index] = entry;
    }
    return pairs;
  }

  private Tensor merge(Tensors base, String module, TensorEntry a, TensorEntry b) {
    if (a == null || b == null) {
      TensorEntry other = a == null ? b : a;
      throw wrong(other, "its counterpart lora_" + (a == null ? "A" : "B") + " is missing");
    }
    if (!config.targets().has(module)) {
      throw wrong(a, "target_modules in " + CONFIG + " does not name it");
    }
    Tensor weight = base.find(module + ".weight");
    if (weight == null || weight.shape().length != 2) {
      throw wrong(a, "the model in " + base.path() + " has no such layer");
    }
    int rank = config.rank(module);
    requireShape(a, weight, rank, weight.rowSize());
    requireShape(b, weight, weight.rowCount(), rank);
    return new MergedTensor(weight, a, b, config.scale(module));
  }

  private static void requireShape(TensorEntry entry, Tensor weight, long rows, long width) {
    if (entry.rowCount() != rows || entry.rowSize() != width) {
      throw wrong(
          entry,
          "its shape is ["
              + entry.rowCount()
              + ", "
              + entry.rowSize()
              + "], and its rank and the model's "
              + weight.name()
              + " ask for ["
              + rows
              + ", "
              + width
              + "], so it may have been trained on another model");
    }
  }

  private void requirePair(Tensor tensor, Set<String> modules) {
    String suffix = ".weight";
    if (tensor.name().endsWith(suffix) && tensor.shape().length == 2) {
      String module = tensor.name().substring(0, tensor.name().length() - suffix.length());
      if (!modules.contains(module) && config.targets().has(module)) {
        throw Errors.tensor(
            folder.resolve(WEIGHTS),
            "base_model.model." + module + ".lora_A.weight",
            "it is missing, and target_modules in " + CONFIG + " names its layer");
      }
    }
  }

  private static UserException wrong(TensorEntry entry, String reason) {
    return Errors.tensor(entry.file().path(), entry.name(), reason);
  }

  /** Layers that it changes, such as {@code model.layers.0.self_attn.q_proj}. */
  List<String> modules() {
    return new ArrayList<>(pairs().keySet());
  }
}
