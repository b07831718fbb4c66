package io.qwark.engine.gguf;

/** Reads metadata values of any type. */
final class GgufValues {
  /** Numbers of the value types, {@code enum gguf_metadata_value_type} of the specification. */
  private static final int UINT8 = 0;

  private static final int INT8 = 1;
  private static final int UINT16 = 2;
  private static final int INT16 = 3;
  private static final int UINT32 = 4;
  private static final int INT32 = 5;
  private static final int FLOAT32 = 6;
  private static final int BOOL = 7;
  private static final int STRING = 8;
  private static final int ARRAY = 9;
  private static final int UINT64 = 10;
  private static final int INT64 = 11;
  private static final int FLOAT64 = 12;

  private static final int[] BYTES = {1, 1, 2, 2, 4, 4, 4, 1, 8, 12, 8, 8, 8};

  /** Bounds the heap that arrays can ask for; large vocabularies have some 600,000 in all. */
  private static final int MAX_ELEMENTS = 1 << 22;

  private static final int MAX_TEXT_BYTES = 32 << 20;
  private static final int MAX_DEPTH = 4;

  private final GgufCursor cursor;
  private int elementsLeft = MAX_ELEMENTS;

  GgufValues(GgufCursor cursor) {
    this.cursor = cursor;
  }

  Object value() {
    return value(type(), 0);
  }

  private int type() {
    int type = cursor.int32();
    if (type < 0 || type >= BYTES.length) {
      throw cursor.damaged(
          "the metadata before byte "
              + cursor.position()
              + " is of the unknown type "
              + Integer.toUnsignedString(type));
    }
    return type;
  }

  private Object value(int type, int depth) {
    return switch (type) {
      case FLOAT32 -> cursor.float32();
      case FLOAT64 -> cursor.float64();
      case BOOL -> bool();
      case STRING -> cursor.text("a text", MAX_TEXT_BYTES);
      case ARRAY -> array(depth);
      default -> integer(type);
    };
  }

  private long integer(int type) {
    return switch (type) {
      case UINT8 -> cursor.int8() & 0xFF;
      case INT8 -> cursor.int8();
      case UINT16 -> cursor.int16() & 0xFFFF;
      case INT16 -> cursor.int16();
      case UINT32 -> cursor.int32() & 0xFFFFFFFFL;
      case INT32 -> cursor.int32();
      case UINT64 -> unsigned(cursor.int64());
      case INT64 -> cursor.int64();
      default -> throw new IllegalStateException("type " + type);
    };
  }

  private long unsigned(long value) {
    if (value < 0) {
      throw cursor.damaged("it gives the number " + Long.toUnsignedString(value));
    }
    return value;
  }

  private boolean bool() {
    int value = cursor.int8();
    if (value != 0 && value != 1) {
      throw cursor.damaged("the byte " + (value & 0xFF) + " is neither true nor false");
    }
    return value == 1;
  }

  private Object array(int depth) {
    int type = type();
    if (depth == MAX_DEPTH) {
      throw cursor.damaged("its metadata has lists within lists more than " + MAX_DEPTH + " deep");
    }
    int count = cursor.count("elements of a list", BYTES[type], elementsLeft);
    elementsLeft -= count;
    switch (type) {
      case FLOAT32, FLOAT64 -> {
        double[] numbers = new double[count];
        for (int i = 0; i < count; i++) {
          numbers[i] = type == FLOAT32 ? cursor.float32() : cursor.float64();
        }
        return numbers;
      }
      case BOOL -> {
        boolean[] flags = new boolean[count];
        for (int i = 0; i < count; i++) {
          flags[i] = bool();
        }
        return flags;
      }
      case STRING, ARRAY -> {
        Object[] list = type == STRING ? new String[count] : new Object[count];
        for (int i = 0; i < count; i++) {
          list[i] = value(type, depth + 1);
        }
        return list;
      }
      default -> {
        long[] numbers = new long[count];
        for (int i = 0; i < count; i++) {
          numbers[i] = integer(type);
        }
        return numbers;
      }
    }
  }
}
