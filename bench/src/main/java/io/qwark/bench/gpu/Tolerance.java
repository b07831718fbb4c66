package io.qwark.bench.gpu;

import io.qwark.engine.api.Quantization;

/**
 * How far a quantization may be from float32 on the tiny models. Their weights are random and their
 * scores close to each other, so that each token is a hard case; real models are closer.
 *
 * @param divergence mean KL in nats at the most
 * @param agreement least part of positions with the same likeliest token
 */
record Tolerance(double divergence, double agreement) {
  /**
   * By which part of the largest score two ways of computing in bfloat16 may differ: it has 8 bits,
   * and layers add up their roundings.
   */
  static final double BFLOAT16_GAP = 0.03;

  /** Where both compute in bfloat16, and random weights leave tokens close to each other. */
  static final double BFLOAT16_AGREEMENT = 0.85;

  static Tolerance of(Quantization quantization) {
    return switch (quantization) {
      case FLOAT32 -> new Tolerance(1e-6, 0.995);
      case AUTO, BFLOAT16 -> new Tolerance(2e-3, 0.95);
      case INT8 -> new Tolerance(2e-2, 0.85);
      case FP8 -> new Tolerance(5e-2, 0.75);
      case INT4 -> new Tolerance(0.5, 0.5);
    };
  }
}
