package io.qwark.bench.gpu;

import io.qwark.bench.Shape;

/**
 * The least time that a load can take on a card: weights and the keys and values attended to must
 * come from memory once a step, and the products of linear and output layers must be computed.
 *
 * @param memorySeconds at the bandwidth of copying
 * @param productSeconds at the rate of large matrix products
 */
record Floor(double memorySeconds, double productSeconds) {
  /** Keys and values are bfloat16. */
  private static final int CACHE_BYTES = 2;

  private static final int TABLE_BYTES = 2;

  /**
   * @param atOnce samples that run at a time
   * @param tokens that all samples generate together
   * @param weightBytes of one weight of the linear layers
   * @param operationsPerS multiplications and additions counted singly
   */
  static Floor of(
      Shape shape,
      Load load,
      int atOnce,
      long tokens,
      double weightBytes,
      double bytesPerS,
      double operationsPerS) {
    double linear = linearWeights(shape);
    double table = (double) shape.vocabSize * shape.hiddenSize;
    double steps = (double) tokens / atOnce;
    double context = load.input() + (double) tokens / load.samples() / 2;
    double cache = 2.0 * shape.layers * shape.keyValueHeads * shape.headDim * CACHE_BYTES;
    double bytes = steps * (linear * weightBytes + table * TABLE_BYTES) + tokens * context * cache;
    double prompts = (double) load.samples() * load.input();
    double products = 2 * ((prompts + tokens) * linear + tokens * table);
    return new Floor(bytes / bytesPerS, products / operationsPerS);
  }

  /** Both can go on at the same time. */
  double seconds() {
    return Math.max(memorySeconds, productSeconds);
  }

  private static double linearWeights(Shape shape) {
    double queries = (double) shape.attentionHeads * shape.headDim;
    double keys = (double) shape.keyValueHeads * shape.headDim;
    return shape.layers
        * shape.hiddenSize
        * (2 * queries + 2 * keys + 3.0 * shape.intermediateSize);
  }
}
