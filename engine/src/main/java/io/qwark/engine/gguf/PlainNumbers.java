package io.qwark.engine.gguf;

import io.qwark.engine.checkpoint.Halves;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** Little-endian numbers in bytes; as tensor types, blocks of one number. */
final class PlainNumbers {
  private static final VarHandle SHORT =
      MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);

  private PlainNumbers() {}

  static float half(byte[] from, int at) {
    return Halves.toFloat((short) SHORT.get(from, at));
  }

  static int int32(byte[] from, int at) {
    return (int) INT.get(from, at);
  }

  static void float32(byte[] from, int at, int count, float[] to, int out) {
    for (int i = 0; i < count; i++) {
      to[out + i] = Float.intBitsToFloat(int32(from, at + Float.BYTES * i));
    }
  }

  static void float16(byte[] from, int at, int count, float[] to, int out) {
    for (int i = 0; i < count; i++) {
      to[out + i] = half(from, at + Short.BYTES * i);
    }
  }

  static void bfloat16(byte[] from, int at, int count, float[] to, int out) {
    for (int i = 0; i < count; i++) {
      to[out + i] = Float.intBitsToFloat((short) SHORT.get(from, at + Short.BYTES * i) << 16);
    }
  }
}
