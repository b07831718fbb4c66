package io.qwark.engine.gguf;

import io.qwark.engine.checkpoint.Tensor;
import java.util.Arrays;

/** A tensor of a GGUF file, seen through a memory mapping and decoded as it is read. */
final class GgufTensor implements Tensor {
  /** Bytes that are copied out of the mapping at a time. */
  private static final int CHUNK = 1 << 16;

  private final String name;
  private final TensorInfo info;
  private final RowOrder order;

  /**
   * @param name as Transformers has it
   * @param order where the file holds each row
   */
  GgufTensor(String name, TensorInfo info, RowOrder order) {
    this.name = name;
    this.info = info;
    this.order = order;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public long[] shape() {
    return info.shape().clone();
  }

  @Override
  public String format() {
    return info.type().name();
  }

  @Override
  public void read(long first, int count, float[] to) {
    if (first < 0 || count < 0 || first > rowCount() - count) {
      throw new IllegalArgumentException(
          "Cannot take " + count + " rows from " + first + " of " + this);
    }
    int width = Math.toIntExact(rowSize());
    if (order.isFilesOwn()) {
      decode(first * width, count * width, to, 0);
      return;
    }
    for (int i = 0; i < count; i++) {
      decode(order.rowInFile(first + i) * width, width, to, i * width);
    }
  }

  /** Numbers of the file, which need not begin or end with a block. */
  private void decode(long start, int count, float[] to, int out) {
    int block = info.type().block();
    int skip = (int) (start % block);
    int blocks = (skip + count + block - 1) / block;
    if (skip == 0 && count % block == 0) {
      decodeBlocks(start / block, blocks, to, out);
      return;
    }
    float[] whole = new float[Math.multiplyExact(blocks, block)];
    decodeBlocks(start / block, blocks, whole, 0);
    System.arraycopy(whole, skip, to, out, count);
  }

  private void decodeBlocks(long first, int blocks, float[] to, int out) {
    GgmlType type = info.type();
    int step = CHUNK / type.bytes();
    byte[] bytes = new byte[Math.min(blocks, step) * type.bytes()];
    for (int done = 0; done < blocks; done += step) {
      int some = Math.min(step, blocks - done);
      info.file()
          .slice(info.offset() + (first + done) * type.bytes(), (long) some * type.bytes())
          .get(bytes, 0, some * type.bytes());
      type.decoder().decode(bytes, 0, some, to, out + done * type.block());
    }
  }

  @Override
  public String toString() {
    return name + " " + format() + Arrays.toString(info.shape());
  }
}
