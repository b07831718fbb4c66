package io.qwark.engine.checkpoint;

import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Element types of the safetensors format
 * (https://github.com/huggingface/safetensors/blob/main/safetensors/src/tensor.rs) that fill whole
 * bytes. Values are little-endian.
 */
public enum DType {
  F32(4, true),
  F16(2, true),
  BF16(2, true),
  F64(8, false),
  F8_E4M3(1, false),
  F8_E5M2(1, false),
  F8_E8M0(1, false),
  BOOL(1, false),
  U8(1, false),
  I8(1, false),
  U16(2, false),
  I16(2, false),
  U32(4, false),
  I32(4, false),
  U64(8, false),
  I64(8, false);

  private final int bytes;
  private final boolean weight;

  DType(int bytes, boolean weight) {
    this.bytes = bytes;
    this.weight = weight;
  }

  /** Bytes of one element. */
  public int bytes() {
    return bytes;
  }

  /** Whether the engine can use weights of this type. */
  public boolean weight() {
    return weight;
  }

  static Optional<DType> of(String wireName) {
    return Arrays.stream(values()).filter(d -> d.name().equals(wireName)).findFirst();
  }

  static String weightTypes() {
    return Arrays.stream(values())
        .filter(DType::weight)
        .map(DType::name)
        .collect(Collectors.joining(", "));
  }
}
