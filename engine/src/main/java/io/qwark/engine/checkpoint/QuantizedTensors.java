package io.qwark.engine.checkpoint;

import java.nio.file.Path;
import java.util.Collection;
import java.util.Collections;
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

  private QuantizedTensors(SafeTensors files, Map<String, Tensor> tensors) {
    this.files = files;
    this.tensors = Collections.unmodifiableMap(tensors);
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
      if (format.parts().contains(entry.name().substring(dot + 1)) && modules.add(module)) {
        PackedLayer layer = new PackedLayer(files, module);
        Tensor weight = format.weight(layer);
        tensors.put(weight.name(), weight);
        taken.addAll(layer.taken());
      }
    }
    for (TensorEntry entry : files.entries()) {
      if (!taken.contains(entry.name())) {
        tensors.put(entry.name(), entry);
      }
    }
    return new QuantizedTensors(files, tensors);
  }

  @Override
  public Path path() {
    return files.path();
  }

  @Override
  public List<Path> files() {
    return files.files();
  }

  @Override
  public Collection<Tensor> entries() {
    return tensors.values();
  }

  @Override
  public Tensor find(String name) {
    return tensors.get(name);
  }
}
