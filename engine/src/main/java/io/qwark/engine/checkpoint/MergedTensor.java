package io.qwark.engine.checkpoint;

import java.util.Arrays;

/** A weight with a LoRA adapter merged into it: {@code W + scale * (B A)}, in float32. */
final class MergedTensor implements Tensor {
  private final Tensor weight;
  private final TensorEntry a;
  private final TensorEntry b;
  private final float scale;

  /**
   * @param weight {out, in}
   * @param a {rank, in}
   * @param b {out, rank}
   */
  MergedTensor(Tensor weight, TensorEntry a, TensorEntry b, float scale) {
    this.weight = weight;
    this.a = a;
    this.b = b;
    this.scale = scale;
  }

  @Override
  public String name() {
    return weight.name();
  }

  @Override
  public long[] shape() {
    return weight.shape();
  }

  @Override
  public String format() {
    return weight.format() + " + LoRA";
  }

  @Override
  public void read(long first, int count, float[] to) {
    int width = Math.toIntExact(a.rowSize());
    int rank = Math.toIntExact(a.rowCount());
    weight.read(first, count, to);
    float[] left = new float[Math.multiplyExact(count, rank)];
    b.read(first, count, left);
    float[] right = new float[width];
    float[] change = new float[Math.multiplyExact(count, width)];
    for (int k = 0; k < rank; k++) {
      a.read(k, 1, right);
      for (int r = 0; r < count; r++) {
        float factor = left[r * rank + k];
        int at = r * width;
        for (int i = 0; i < width; i++) {
          change[at + i] += factor * right[i];
        }
      }
    }
    for (int i = 0; i < change.length; i++) {
      to[i] += change[i] * scale;
    }
  }

  @Override
  public String toString() {
    return name() + " " + format() + Arrays.toString(shape());
  }
}
