package io.qwark.engine.checkpoint;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * The header of a safetensors file: 8 bytes of length, JSON of that length, then the tensors' bytes
 * without gaps or overlaps. Checks what the reference implementation checks
 * (https://github.com/huggingface/safetensors#format).
 */
final class SafeTensorsHeader {
  /** The reference implementation's own limit. */
  private static final long MAX_HEADER_BYTES = 100_000_000;

  /** Bounds the heap that a header can ask for; large mixture models have some 50,000. */
  private static final int MAX_TENSORS = 500_000;

  private static final int MAX_DIMENSIONS = 16;

  private final MappedFile file;
  private final long dataStart;
  private final List<TensorEntry> entries = new ArrayList<>();
  private final List<long[]> ranges = new ArrayList<>();

  private SafeTensorsHeader(MappedFile file, long dataStart) {
    this.file = file;
    this.dataStart = dataStart;
  }

  /**
   * @return the file's tensors in the order of its header
   * @throws io.qwark.engine.api.UserException if the header breaks the format
   */
  static List<TensorEntry> read(MappedFile file) {
    long size = file.size();
    if (size < 8) {
      throw Errors.damaged(file.path(), "it ends within the header's length");
    }
    long length = file.slice(0, 8).getLong();
    if (length < 2 || length > MAX_HEADER_BYTES) {
      throw Errors.damaged(
          file.path(),
          "its header's length is given as "
              + Long.toUnsignedString(length)
              + " bytes, so it is no safetensors file");
    }
    if (8 + length > size) {
      throw Errors.damaged(
          file.path(),
          "it ends within its header, after " + size + " of " + (8 + length) + " bytes");
    }
    SafeTensorsHeader header = new SafeTensorsHeader(file, 8 + length);
    ByteBuffer json = file.slice(8, length);
    byte[] bytes = new byte[(int) length];
    json.get(bytes);
    if (bytes[0] != '{') {
      throw Errors.damaged(file.path(), "its header does not begin with `{`");
    }
    try (JsonParser parser = JsonFile.FACTORY.createParser(new ByteArrayInputStream(bytes))) {
      header.tensors(parser);
    } catch (JsonProcessingException e) {
      throw Errors.damaged(
          file.path(), "its header is not valid JSON (" + JsonFile.firstLine(e) + ")", e);
    } catch (IOException e) {
      throw Errors.damaged(file.path(), "its header is unreadable: " + JsonFile.reason(e), e);
    }
    header.checkCoverage();
    return header.entries;
  }

  private void tensors(JsonParser parser) throws IOException {
    parser.nextToken();
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String name = parser.currentName();
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw Errors.tensor(file.path(), name, "its entry is not a JSON object");
      }
      if (name.equals("__metadata__")) {
        parser.skipChildren();
      } else {
        tensor(parser, name);
      }
      if (entries.size() > MAX_TENSORS) {
        throw Errors.damaged(file.path(), "it holds more than " + MAX_TENSORS + " tensors");
      }
    }
    if (parser.currentToken() != JsonToken.END_OBJECT || parser.nextToken() != null) {
      throw Errors.damaged(file.path(), "its header is not one JSON object");
    }
  }

  private void tensor(JsonParser parser, String name) throws IOException {
    String dtype = null;
    long[] shape = null;
    long[] range = null;
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String key = parser.currentName();
      parser.nextToken();
      switch (key) {
        case "dtype" -> dtype = parser.getText();
        case "shape" -> shape = longs(parser, name, key);
        case "data_offsets" -> range = longs(parser, name, key);
        default ->
            throw Errors.tensor(file.path(), name, "`" + Errors.shown(key) + "` is no known key");
      }
    }
    if (dtype == null || shape == null || range == null || range.length != 2) {
      throw Errors.tensor(
          file.path(), name, "it lacks its dtype, its shape or its two data_offsets");
    }
    add(name, dtype, shape, range);
  }

  private long[] longs(JsonParser parser, String name, String key) throws IOException {
    List<Long> values = new ArrayList<>();
    boolean valid = parser.currentToken() == JsonToken.START_ARRAY;
    while (valid && parser.nextToken() != JsonToken.END_ARRAY) {
      valid =
          parser.currentToken() == JsonToken.VALUE_NUMBER_INT
              && parser.getNumberType() != JsonParser.NumberType.BIG_INTEGER
              && parser.getLongValue() >= 0
              && values.size() < MAX_DIMENSIONS;
      if (valid) {
        values.add(parser.getLongValue());
      }
    }
    if (!valid) {
      throw Errors.tensor(
          file.path(), name, "its `" + key + "` is not a short list of whole numbers");
    }
    return values.stream().mapToLong(Long::longValue).toArray();
  }

  private void add(String name, String dtypeName, long[] shape, long[] range) {
    DType dtype =
        DType.of(dtypeName)
            .orElseThrow(
                () ->
                    Errors.tensor(
                        file.path(), name, "its dtype " + Errors.shown(dtypeName) + " is unknown"));
    long bytes = dtype.bytes();
    long bound = bytes;
    try {
      for (long dimension : shape) {
        bound = Math.multiplyExact(bound, Math.max(1, dimension));
        bytes = Math.multiplyExact(bytes, dimension);
      }
    } catch (ArithmeticException e) {
      throw Errors.tensor(file.path(), name, "its shape is absurdly large");
    }
    if (range[0] > range[1] || range[1] > file.size() - dataStart) {
      throw Errors.tensor(
          file.path(),
          name,
          "its bytes "
              + range[0]
              + " to "
              + range[1]
              + " lie outside the file, which has "
              + (file.size() - dataStart)
              + " bytes of data; it may be cut short");
    }
    if (range[1] - range[0] != bytes) {
      throw Errors.tensor(
          file.path(),
          name,
          "its shape takes " + bytes + " bytes and its data_offsets " + (range[1] - range[0]));
    }
    entries.add(new TensorEntry(name, dtype, shape, file, dataStart + range[0]));
    ranges.add(range);
  }

  private void checkCoverage() {
    List<long[]> sorted = new ArrayList<>(ranges);
    sorted.sort(Comparator.<long[]>comparingLong(r -> r[0]).thenComparingLong(r -> r[1]));
    long end = 0;
    for (long[] range : sorted) {
      if (range[0] != end) {
        throw Errors.damaged(
            file.path(), "its tensors overlap or leave a gap at byte " + Math.min(end, range[0]));
      }
      end = range[1];
    }
    if (end != file.size() - dataStart) {
      throw Errors.damaged(
          file.path(),
          "its tensors take " + end + " bytes, the file has " + (file.size() - dataStart));
    }
  }
}
