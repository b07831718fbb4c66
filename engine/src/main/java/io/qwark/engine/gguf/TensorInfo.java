package io.qwark.engine.gguf;

import io.qwark.engine.checkpoint.MappedFile;
import java.util.Arrays;

/**
 * A tensor as a file announces it, checked to lie within the file.
 *
 * @param name as llama.cpp names it, such as {@code blk.0.attn_q.weight}
 * @param shape slowest dimension first, the reverse of the file's order
 * @param offset of its first byte in the file
 */
record TensorInfo(String name, GgmlType type, long[] shape, MappedFile file, long offset) {

  long size() {
    return Arrays.stream(shape).reduce(1, Math::multiplyExact);
  }

  long bytes() {
    return size() / type.block() * type.bytes();
  }
}
