package io.qwark.bench;

import java.util.List;
import java.util.Map;

/**
 * All that was measured of one shape.
 *
 * @param held on our side
 * @param prefix null if it was not asked for
 */
record ShapeResult(
    Shape shape, HeldAs held, Loads loads, List<RowResult> rows, PrefixResult prefix) {
  private static final double GIB = 1 << 30;

  /**
   * What our side may take in memory, in MiB: its weights, the cache that it was given, and 1 GiB.
   *
   * @param ready what our side said when it was ready
   */
  long allowedMemory(Map<String, String> ready) {
    double weights = Work.weightBytes(shape, held);
    double cacheNumbers =
        2.0
            * shape.layers
            * shape.keyValueHeads
            * shape.headDim
            * Long.parseLong(ready.get("kv_cache_tokens"));
    double cache = cacheNumbers * cacheBytes(ready.get("kv_cache_dtype"));
    return (long) ((weights + cache + GIB) / (1 << 20));
  }

  /** Bytes of a number of keys or values, with its part of a scale where vectors have one. */
  private double cacheBytes(String dtype) {
    return switch (dtype) {
      case "float32" -> 4;
      case "bfloat16" -> 2;
      case "int8" -> 1 + 4.0 / shape.headDim;
      default -> throw new IllegalArgumentException("a KV cache in " + dtype);
    };
  }
}
