package io.qwark.engine.torch;

import ai.djl.pytorch.engine.PtNDArray;
import io.qwark.engine.checkpoint.Tensor;
import io.qwark.engine.checkpoint.TensorEntry;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A model's tensors as programs take them: bytes, seen through the mapped file where the program
 * knows their type, and otherwise read as float32.
 */
final class Checkpoint {
  static final long FLOAT16 = 5;
  static final long FLOAT32 = 6;
  static final long BFLOAT16 = 15;

  /** Numbers that are read at a time. */
  private static final long PIECE = 1 << 22;

  /** Numbers that one thread reads at a time. */
  private static final long PART = 1 << 16;

  private Checkpoint() {}

  /** Some rows of a tensor as bytes (rows, bytes of a row). */
  record Slice(PtNDArray bytes, long dtype) {}

  static Slice vector(TorchModule.Scope scope, Tensor tensor) {
    if (tensor instanceof TensorEntry entry) {
      long bytes = entry.rowCount() * entry.rowBytes();
      return new Slice(scope.bytes(entry.rows(0, entry.rowCount()), 1, bytes), torchType(entry));
    }
    ByteBuffer floats = read(tensor, 0, tensor.rowCount(), FLOAT32);
    return new Slice(scope.bytes(floats, 1, floats.remaining()), FLOAT32);
  }

  /**
   * A matrix in few slices that live as long as the scope; the program may keep their memory.
   *
   * @param dtype what numbers are read as that the program cannot take as they are
   */
  static List<Slice> slices(TorchModule.Scope scope, Tensor tensor, long dtype) {
    return slices(scope, tensor, dtype, scope::bytes);
  }

  /** The same, of which nothing is kept once the scope is closed. */
  static List<Slice> passingSlices(TorchModule.Scope scope, Tensor tensor, long dtype) {
    return slices(scope, tensor, dtype, scope::passingBytes);
  }

  private interface Memory {
    PtNDArray see(ByteBuffer buffer, long rows, long bytesPerRow);
  }

  private static List<Slice> slices(
      TorchModule.Scope scope, Tensor tensor, long dtype, Memory memory) {
    List<Slice> slices = new ArrayList<>();
    if (tensor instanceof TensorEntry entry) {
      for (long row = 0; row < entry.rowCount(); row += entry.maxRows()) {
        long rows = Math.min(entry.maxRows(), entry.rowCount() - row);
        slices.add(
            new Slice(
                scope.bytes(entry.rows(row, rows), rows, entry.rowBytes()), torchType(entry)));
      }
      return slices;
    }
    long rowBytes = tensor.rowSize() * (dtype == FLOAT32 ? Float.BYTES : Short.BYTES);
    long most = Math.max(1, (1L << 30) / rowBytes);
    for (long row = 0; row < tensor.rowCount(); row += most) {
      long rows = Math.min(most, tensor.rowCount() - row);
      slices.add(new Slice(memory.see(read(tensor, row, rows, dtype), rows, rowBytes), dtype));
    }
    return slices;
  }

  /** Takes rows of a matrix, of which `row` is the index of the first. */
  interface Rows {
    void take(long row, Slice slice);
  }

  /** Takes 8-bit rows: codes as bytes (rows, row size) and scales as bytes (1, 4 rows). */
  interface Int8Rows {
    void take(long row, PtNDArray codes, PtNDArray scales);
  }

  /** Hands on a matrix slice by slice, so that only one is in memory. */
  static void forEachSlice(TorchModule module, Tensor tensor, Rows use) {
    long step =
        tensor instanceof TensorEntry entry
            ? entry.maxRows()
            : Math.max(1, PIECE / tensor.rowSize());
    for (long row = 0; row < tensor.rowCount(); row += step) {
      long rows = Math.min(step, tensor.rowCount() - row);
      try (TorchModule.Scope scope = module.scope()) {
        if (tensor instanceof TensorEntry entry) {
          PtNDArray bytes = scope.bytes(entry.rows(row, rows), rows, entry.rowBytes());
          use.take(row, new Slice(bytes, torchType(entry)));
        } else {
          ByteBuffer floats = read(tensor, row, rows, FLOAT32);
          PtNDArray bytes = scope.passingBytes(floats, rows, Float.BYTES * tensor.rowSize());
          use.take(row, new Slice(bytes, FLOAT32));
        }
      }
    }
  }

  /** The same for a tensor with {@link Tensor#int8Rows}. */
  static void forEachInt8(TorchModule module, Tensor tensor, Int8Rows use) {
    long width = tensor.rowSize();
    int step = (int) Math.max(1, PIECE / width);
    for (long row = 0; row < tensor.rowCount(); row += step) {
      int rows = (int) Math.min(step, tensor.rowCount() - row);
      byte[] codes = new byte[Math.toIntExact(rows * width)];
      float[] scales = new float[rows];
      tensor.readInt8(row, rows, codes, scales);
      ByteBuffer codeBytes = ByteBuffer.allocateDirect(codes.length).put(codes).flip();
      ByteBuffer scaleBytes = buffer(Float.BYTES * (long) rows);
      scaleBytes.asFloatBuffer().put(scales);
      try (TorchModule.Scope scope = module.scope()) {
        use.take(
            row,
            scope.passingBytes(codeBytes, rows, width),
            scope.passingBytes(scaleBytes, 1, scaleBytes.remaining()));
      }
    }
  }

  private static ByteBuffer buffer(long bytes) {
    return ByteBuffer.allocateDirect(Math.toIntExact(bytes)).order(ByteOrder.nativeOrder());
  }

  private static ByteBuffer read(Tensor tensor, long first, long rows, long dtype) {
    long width = tensor.rowSize();
    int bytes = dtype == FLOAT32 ? Float.BYTES : Short.BYTES;
    ByteBuffer buffer = buffer(rows * width * bytes);
    int step = (int) Math.max(1, PART / width);
    IntStream.range(0, (int) ((rows + step - 1) / step))
        .parallel()
        .forEach(
            part -> {
              long row = (long) part * step;
              int count = (int) Math.min(step, rows - row);
              float[] numbers = new float[Math.toIntExact(count * width)];
              tensor.read(first + row, count, numbers);
              int at = Math.toIntExact(row * width * bytes);
              for (float number : numbers) {
                if (dtype == FLOAT32) {
                  buffer.putFloat(at, number);
                } else {
                  buffer.putShort(at, bfloat16(number));
                }
                at += bytes;
              }
            });
    return buffer;
  }

  /** To the nearest, ties to even. */
  private static short bfloat16(float number) {
    int bits = Float.floatToIntBits(number);
    return (short) (bits + 0x7FFF + (bits >>> 16 & 1) >>> 16);
  }

  /** Number of its type in libtorch. */
  private static long torchType(TensorEntry entry) {
    return switch (entry.dtype()) {
      case F16 -> FLOAT16;
      case F32 -> FLOAT32;
      case BF16 -> BFLOAT16;
      default -> throw new IllegalStateException("a weight of type " + entry.dtype());
    };
  }
}
