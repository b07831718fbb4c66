package io.qwark.bench.gpu;

import io.qwark.bench.Shape;

/** What the parts of the check are called. */
final class PartNames {
  static final String ABOUT = "PyTorch and Transformers";
  static final String RATES = "the device's rates";
  static final String GREEDY = "greedy tokens of Transformers";
  static final String BINDING = "building the binding";
  static final String CORRECTNESS = "correctness";

  private PartNames() {}

  static String weights(Shape shape) {
    return "writing weights " + shape.wireName;
  }

  static String correctness(String quantization) {
    return CORRECTNESS + " " + quantization;
  }

  static String throughput(String side) {
    return "throughput " + side;
  }
}
