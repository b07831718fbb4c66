package io.qwark.bench.gpu;

import io.qwark.bench.Arguments;
import io.qwark.bench.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What the check is to do.
 *
 * @param shape of the model whose throughput is measured
 * @param small shape of the larger model whose tokens are compared
 * @param quantizations by their names, the most important first
 */
record CheckPlan(
    String device,
    String python,
    Shape shape,
    Shape small,
    List<String> quantizations,
    List<Integer> concurrency,
    List<Integer> inputs,
    int output) {
  /** The other side of the throughput table. */
  static final String PEER = "transformers";

  static final String BFLOAT16 = "bfloat16";

  static CheckPlan of(Arguments arguments) {
    String device = arguments.optional("device", "cuda:0");
    // Processors have no operators for fp8.
    String all = device.equals("cpu") ? "bfloat16,int8,int4" : "bfloat16,fp8,int8,int4";
    return new CheckPlan(
        device,
        arguments.optional("python", "python3"),
        Shape.of(arguments.optional("shape", "4b")),
        Shape.of(arguments.optional("correctness-shape", "0.6b")),
        arguments.words("quantizations", all),
        arguments.integers("concurrency", "1,8,64,256,512"),
        arguments.integers("input", "128,1024"),
        arguments.integer("output", 1024));
  }

  /** Quantizations whose correctness is looked at: float32, too. */
  List<String> correctnessSides() {
    return Stream.concat(Stream.of("float32"), quantizations.stream()).distinct().toList();
  }

  List<Load> loads() {
    return Load.all(concurrency, inputs, output);
  }

  /** Whose throughput is measured, in order: what has a target comes first. */
  List<String> sides() {
    List<String> sides = new ArrayList<>(quantizations);
    sides.add(Math.min(1, sides.size()), PEER);
    return sides;
  }

  /** Part of the time, relative to the others'. */
  static double weight(String side) {
    return switch (side) {
      case BFLOAT16 -> 1.6;
      case PEER, "fp8" -> 1.3;
      default -> 1;
    };
  }

  /** Of {@link Throughput}. */
  List<String> loadOptions() {
    return List.of(
        "--concurrency", joined(concurrency),
        "--input", joined(inputs),
        "--output", Integer.toString(output));
  }

  private static String joined(List<Integer> numbers) {
    return numbers.stream().map(Object::toString).collect(Collectors.joining(","));
  }
}
