package io.qwark.engine.checkpoint;

import java.util.Set;

/** A way to hold quantized layers in safetensors files. */
interface QuantizedFormat {
  /**
   * Last parts of names by which tensors of a quantized layer are known. A layer that has none of
   * them is not quantized, whatever the configuration says.
   */
  Set<String> parts();

  /** Whether layers may have a {@code bias} of zeros where the model has none. */
  default boolean addsBiases() {
    return false;
  }

  /**
   * The weight {out, in} of a quantized layer; takes all tensors that belong to it.
   *
   * @throws io.qwark.engine.api.UserException if they do not fit together or the configuration
   */
  Tensor weight(PackedLayer layer);
}
