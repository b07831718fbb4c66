package io.qwark.engine.checkpoint;

import java.nio.file.Path;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Tensors of a folder some of whose layers are quantized, each under the name of the plain weight
 * that Transformers has. Tensors that belong to no layer stay as they are.
 */
final class QuantizedTensors implements Tensors {
  private final SafeTensors files;
  private final Map<String, Tensor> tensors;
  private final Map<String, Tensor> unlisted;

  private QuantizedTensors(
      SafeTensors files, Map<String, Tensor> tensors, Map<String, Tensor> unlisted) {
    this.files = files;
    this.tensors = Collections.unmodifiableMap(tensors);
    this.unlisted = Collections.unmodifiableMap(unlisted);
  }

  /**
   * @throws io.qwark.engine.api.UserException if the tensors of a layer do not fit together
   */
  static QuantizedTensors of(SafeTensors files, QuantizedFormat format) {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    Set<String> modules = new HashSet<>();
    Set<String> taken = new HashSet<>();
    for (TensorEntry entry : files.entries()) {
      int dot = entry.name().lastIndexOf('.');
      String module = dot < 0 ? "" : entry.name().substring(0, dot);
      if (isPacked(entry, entry.name().substring(dot + 1), format) && modules.add(module)) {
        PackedLayer layer = new PackedLayer(files, module);
        Tensor weight = format.weight(layer);
        tensors.put(weight.name(), weight);
        taken.addAll(layer.taken());
      }
    }
    Map<String, Tensor> unlisted = new HashMap<>();
    for (TensorEntry entry : files.entries()) {
      String module = entry.name().replaceFirst("\\.bias$", "");
      if (format.addsBiases() && modules.contains(module) && isZero(entry)) {
        unlisted.put(entry.name(), entry);
      } else if (!taken.contains(entry.name())) {
        tensors.put(entry.name(), entry);
      }
    }
    return new QuantizedTensors(files, tensors, unlisted);
  }

  private static boolean isZero(TensorEntry bias) {
    if (!bias.dtype().weight() || bias.shape().length != 1) {
      return false;
    }
    float[] number = new float[1];
    for (int i = 0; i < bias.rowCount(); i++) {
      bias.read(i, 1, number);
      if (number[0] != 0) {
        return false;
      }
    }
    return true;
  }

  /** Codes that lack their scales are a layer as well, so that what is missing is named. */
  private static boolean isPacked(TensorEntry entry, String part, QuantizedFormat format) {
    return format.parts().contains(part)
        || part.equals(PackedLayer.WEIGHT) && !entry.dtype().weight();
  }

  @Override
  public Path path() {
    return files.path();
  }

  @Override
  public List<Path> files() {
    return files.files();
  }

  /** All but biases of zeros, for which a model may have no use. */
  @Override
  public Collection<Tensor> entries() {
    return tensors.values();
  }

  @Override
  public Tensor find(String name) {
    Tensor tensor = tensors.get(name);
    return tensor == null ? unlisted.get(name) : tensor;
  }
}
