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

  /** Largest slice that is read at a time to be kept; a buffer ends below 2 GiB. */
  private static final long MAX_BYTES = 1L << 30;

  /** Numbers that are read at a time to be handed on. */
  private static final long PIECE = 1 << 22;

  /** Numbers that one thread reads at a time. */
  private static final long PART = 1 << 16;

  private Checkpoint() {}

  /** Some rows of a tensor as bytes (rows, bytes of a row). */
  record Slice(PtNDArray bytes, long dtype) {}

  /** A vector, whose memory the program may keep. */
  static Slice vector(TorchModule.Scope scope, Tensor tensor) {
    return slice(scope, tensor, 0, tensor.rowCount(), FLOAT32, scope::bytes);
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

  /**
   * Calls a method that takes slices as a list of bytes and a list of their types.
   *
   * @param more arguments that follow
   */
  static void hand(TorchModule.Scope scope, String method, List<Slice> slices, Object... more) {
    List<Object> arguments = new ArrayList<>();
    arguments.add(slices.stream().map(Slice::bytes).toList());
    arguments.add(slices.stream().mapToLong(Slice::dtype).toArray());
    arguments.addAll(List.of(more));
    scope.callForLong(method, arguments.toArray());
  }

  private interface Memory {
    PtNDArray see(ByteBuffer buffer, long rows, long bytesPerRow);
  }

  private static List<Slice> slices(
      TorchModule.Scope scope, Tensor tensor, long dtype, Memory memory) {
    List<Slice> slices = new ArrayList<>();
    forEachRange(
        tensor,
        MAX_BYTES / (tensor.rowSize() * bytes(dtype)),
        (row, rows) -> slices.add(slice(scope, tensor, row, rows, dtype, memory)));
    return slices;
  }

  private interface Ranges {
    void take(long row, long rows);
  }

  /**
   * @param most rows of a range, where they have to be read
   */
  private static void forEachRange(Tensor tensor, long most, Ranges use) {
    long step = tensor instanceof TensorEntry entry ? entry.maxRows() : Math.max(1, most);
    for (long row = 0; row < tensor.rowCount(); row += step) {
      use.take(row, Math.min(step, tensor.rowCount() - row));
    }
  }

  /**
   * @param memory for what has to be read; the rest is seen through the mapped file
   */
  private static Slice slice(
      TorchModule.Scope scope, Tensor tensor, long row, long rows, long dtype, Memory memory) {
    if (tensor instanceof TensorEntry entry) {
      return new Slice(
          scope.bytes(entry.rows(row, rows), rows, entry.rowBytes()), torchType(entry));
    }
    ByteBuffer numbers = read(tensor, row, rows, dtype);
    return new Slice(memory.see(numbers, rows, tensor.rowSize() * bytes(dtype)), dtype);
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
    forEachRange(
        tensor,
        PIECE / tensor.rowSize(),
        (row, rows) -> {
          try (TorchModule.Scope scope = module.scope()) {
            use.take(row, slice(scope, tensor, row, rows, FLOAT32, scope::passingBytes));
          }
        });
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
    int bytes = bytes(dtype);
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

  /** Of a number. */
  private static int bytes(long dtype) {
    return dtype == FLOAT32 ? Float.BYTES : Short.BYTES;
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
