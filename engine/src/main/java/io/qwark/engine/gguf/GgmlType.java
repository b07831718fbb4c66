package io.qwark.engine.gguf;

import java.util.Arrays;
import java.util.stream.Collectors;

/**
 * Tensor types of GGUF files with the sizes of their blocks ({@code enum ggml_type} and {@code
 * GGML_QUANT_SIZES} of llama.cpp). Those without a decoder are known, so that a file that holds
 * them can be looked at, and cannot be read.
 */
enum GgmlType {
  F32(0, 1, 4, PlainNumbers::float32),
  F16(1, 1, 2, PlainNumbers::float16),
  BF16(30, 1, 2, PlainNumbers::bfloat16),
  Q4_0(2, 32, 18, BlockDecoder.each(32, 18, SmallBlocks::q40)),
  Q4_1(3, 32, 20, BlockDecoder.each(32, 20, SmallBlocks::q41)),
  Q5_0(6, 32, 22, BlockDecoder.each(32, 22, SmallBlocks::q50)),
  Q5_1(7, 32, 24, BlockDecoder.each(32, 24, SmallBlocks::q51)),
  Q8_0(8, 32, 34, BlockDecoder.each(32, 34, SmallBlocks::q80)),
  Q2_K(10, 256, 84, BlockDecoder.each(256, 84, SuperBlocks::q2)),
  Q3_K(11, 256, 110, BlockDecoder.each(256, 110, SuperBlocks::q3)),
  Q4_K(12, 256, 144, BlockDecoder.each(256, 144, SuperBlocks::q4)),
  Q5_K(13, 256, 176, BlockDecoder.each(256, 176, SuperBlocks::q5)),
  Q6_K(14, 256, 210, BlockDecoder.each(256, 210, SuperBlocks::q6)),
  Q8_1(9, 32, 40, null),
  Q8_K(15, 256, 292, null),
  IQ2_XXS(16, 256, 66, null),
  IQ2_XS(17, 256, 74, null),
  IQ3_XXS(18, 256, 98, null),
  IQ1_S(19, 256, 50, null),
  IQ4_NL(20, 32, 18, null),
  IQ3_S(21, 256, 110, null),
  IQ2_S(22, 256, 82, null),
  IQ4_XS(23, 256, 136, null),
  I8(24, 1, 1, null),
  I16(25, 1, 2, null),
  I32(26, 1, 4, null),
  I64(27, 1, 8, null),
  F64(28, 1, 8, null),
  IQ1_M(29, 256, 56, null),
  TQ1_0(34, 256, 54, null),
  TQ2_0(35, 256, 66, null),
  MXFP4(39, 32, 17, null),
  NVFP4(40, 64, 36, null),
  Q1_0(41, 128, 18, null);

  private final int id;
  private final int block;
  private final int bytes;
  private final BlockDecoder decoder;

  GgmlType(int id, int block, int bytes, BlockDecoder decoder) {
    this.id = id;
    this.block = block;
    this.bytes = bytes;
    this.decoder = decoder;
  }

  /** Numbers of one block. */
  int block() {
    return block;
  }

  /** Bytes of one block. */
  int bytes() {
    return bytes;
  }

  boolean readable() {
    return decoder != null;
  }

  BlockDecoder decoder() {
    return decoder;
  }

  /** The type of this number, or null. */
  static GgmlType of(int id) {
    return Arrays.stream(values()).filter(type -> type.id == id).findFirst().orElse(null);
  }

  static String readableTypes() {
    return Arrays.stream(values())
        .filter(GgmlType::readable)
        .map(GgmlType::name)
        .collect(Collectors.joining(", "));
  }
}
