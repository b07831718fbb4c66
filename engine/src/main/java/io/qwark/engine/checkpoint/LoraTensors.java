package io.qwark.engine.checkpoint;

import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** A model's tensors with an adapter merged into some of them. */
final class LoraTensors implements Tensors {
  private final Tensors base;
  private final LoraAdapter adapter;
  private final Map<String, Tensor> merged;

  LoraTensors(Tensors base, LoraAdapter adapter) {
    this.base = base;
    this.adapter = adapter;
    this.merged = adapter.merge(base);
  }

  @Override
  public Path path() {
    return base.path();
  }

  /** Those of the model and of the adapter. */
  @Override
  public List<Path> files() {
    return Stream.concat(base.files().stream(), adapter.files().stream()).toList();
  }

  @Override
  public Collection<Tensor> entries() {
    return base.entries().stream()
        .map(tensor -> merged.getOrDefault(tensor.name(), tensor))
        .toList();
  }

  @Override
  public Tensor find(String name) {
    Tensor tensor = merged.get(name);
    return tensor == null ? base.find(name) : tensor;
  }
}
