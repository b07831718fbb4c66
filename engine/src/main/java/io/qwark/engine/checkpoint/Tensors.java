package io.qwark.engine.checkpoint;

import java.nio.file.Path;
import java.util.Collection;
import java.util.List;

/** The tensors of a model under the names that Transformers gives them. Immutable. */
public interface Tensors {
  /** What messages call them: the folder or file. */
  Path path();

  /** The files that hold them. */
  List<Path> files();

  /** All tensors. */
  Collection<? extends Tensor> entries();

  /** Numbers in all tensors. */
  default long parameters() {
    return entries().stream().mapToLong(Tensor::size).sum();
  }

  /** The tensor of this name, or null if there is none. */
  Tensor find(String name);
}
