package io.qwark.bench;

import io.qwark.engine.api.LmHeadQuantization;
import io.qwark.engine.api.Quantization;

/**
 * What a job cannot be done without: the products of the linear layers and the output layer, and
 * the bytes that must come from memory for them (weights as they are held, and the keys and values
 * that generated tokens attend to, two bytes each). Products of attention are left out.
 */
record Work(double multiplications, double bytes) {
  private static final int CACHE_BYTES = 2;

  /** Of a weight: half a byte, and for 32 a step and a base of one each. */
  private static final double INT4_BYTES = 18 / 32.0;

  static Work of(Shape shape, Job job, HeldAs held) {
    double linear = linearWeights(shape);
    double output = outputWeights(shape);
    double layerTokens = 0;
    double scoredTokens = 0;
    double cacheTokensRead = 0;
    int steps = 0;
    for (TimedRequest request : job.requests()) {
      int prompt = request.prompt().length;
      // The first token comes out of the prompt's step, and the last is not computed any more.
      int generated = request.output() - 1;
      if (job.kind() != Job.Kind.DECODE) {
        layerTokens += prompt;
        scoredTokens++;
      }
      layerTokens += generated;
      scoredTokens += generated;
      cacheTokensRead += generated * (prompt + (generated + 1) / 2.0);
      steps = Math.max(steps, job.kind() == Job.Kind.DECODE ? generated : request.output());
    }
    return new Work(
        layerTokens * linear + scoredTokens * output,
        steps * weightBytes(shape, held) + cacheTokensRead * cacheBytes(shape));
  }

  /** Of linear layers and output layer, each in int8 or int4. */
  static double weightBytes(Shape shape, HeldAs held) {
    boolean small = held.quantization() == Quantization.INT4;
    if (!small && held.quantization() != Quantization.INT8) {
      throw new IllegalArgumentException(held.toString());
    }
    boolean smallOutput = held.lmHeadQuantization() == LmHeadQuantization.INT4;
    return (small ? INT4_BYTES : 1) * linearWeights(shape)
        + (smallOutput ? INT4_BYTES : 1) * outputWeights(shape);
  }

  static double linearWeights(Shape shape) {
    double queries = (double) shape.attentionHeads * shape.headDim;
    double keys = (double) shape.keyValueHeads * shape.headDim;
    double attention = shape.hiddenSize * (2 * queries + 2 * keys);
    return shape.layers * (attention + 3.0 * shape.hiddenSize * shape.intermediateSize);
  }

  static double outputWeights(Shape shape) {
    return (double) shape.vocabSize * shape.hiddenSize;
  }

  /** Keys and values of one token in all layers. */
  private static double cacheBytes(Shape shape) {
    return 2.0 * shape.layers * shape.keyValueHeads * shape.headDim * CACHE_BYTES;
  }
}
