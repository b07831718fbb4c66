package io.qwark.engine.gguf;

import io.qwark.engine.checkpoint.Family;
import io.qwark.engine.checkpoint.Tensor;
import io.qwark.engine.checkpoint.Tensors;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The tensors of a GGUF model under Transformers' names. */
final class GgufTensors implements Tensors {
  private final Path path;
  private final List<Path> files;
  private final Map<String, GgufTensor> tensors;

  private GgufTensors(Path path, List<Path> files, Map<String, GgufTensor> tensors) {
    this.path = path;
    this.files = List.copyOf(files);
    this.tensors = Collections.unmodifiableMap(tensors);
  }

  /**
   * @throws io.qwark.engine.api.UserException if one of them is of a type that cannot be read
   */
  static GgufTensors of(GgufParts parts) {
    Map<String, GgufTensor> tensors = new LinkedHashMap<>();
    for (TensorInfo info : parts.tensors()) {
      if (info.name().equals(GgufNames.ROPE_FACTORS)) {
        continue;
      }
      if (!info.type().readable()) {
        throw GgufErrors.unsupported(
            info.file().path(),
            "tensor " + GgufErrors.shown(info.name()) + " is of type " + info.type(),
            "Choose a file whose tensors are of types " + GgmlType.readableTypes());
      }
      String name = GgufNames.translate(info.name());
      if (tensors.put(name, new GgufTensor(name, info, order(parts, name, info))) != null) {
        throw GgufErrors.tensor(info.file().path(), name, "is there twice");
      }
    }
    return new GgufTensors(parts.path(), parts.files(), tensors);
  }

  private static RowOrder order(GgufParts parts, String name, TensorInfo info) {
    boolean queries = name.contains(".q_proj.");
    if (GgufConfig.family(parts) != Family.LLAMA || !queries && !name.contains(".k_proj.")) {
      return RowOrder.FILES_OWN;
    }
    int heads = GgufConfig.heads(parts, queries);
    long headRows = info.shape().length == 0 ? 0 : info.shape()[0] / heads;
    if (headRows < 2 || headRows % 2 != 0 || info.shape()[0] % heads != 0) {
      throw GgufErrors.tensor(
          info.file().path(), info.name(), "does not have the rows of " + heads + " heads");
    }
    return new RowOrder(headRows);
  }

  @Override
  public Path path() {
    return path;
  }

  @Override
  public List<Path> files() {
    return files;
  }

  @Override
  public Collection<? extends Tensor> entries() {
    return tensors.values();
  }

  @Override
  public Tensor find(String name) {
    return tensors.get(name);
  }
}
