package io.qwark.engine.torch;

import io.qwark.engine.checkpoint.Tensor;

/** Takes the weights of matrix products in the order in which a program has them. */
interface Linears {
  /** One weight out of matrices that stand below each other. */
  void add(Tensor... parts);

  /** The weight of a gate and what it lets through, matrices of the same size. */
  void addGated(Tensor gate, Tensor up);

  /** The last weight, whose products are the scores; it may have more bits than the others. */
  void addHead(Tensor head);

  /** The same for a model whose embedding serves as it. */
  default void tieHead(Tensor embed) {
    addHead(embed);
  }
}
