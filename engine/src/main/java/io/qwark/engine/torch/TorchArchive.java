package io.qwark.engine.torch;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * Writes what {@code torch.jit.save} would write: a zip of stored entries with the program's source
 * and a pickle (protocol 2) of its attributes' first values. Tensors in it are empty; the weights
 * are handed to the loaded module.
 */
final class TorchArchive {
  /** Stands for an attribute of type Tensor: a float32 tensor of the given shape, filled with 0. */
  record ZeroTensor(long... shape) {
    int elements() {
      long n = 1;
      for (long d : shape) {
        n *= d;
      }
      return Math.toIntExact(n);
    }
  }

  private static final byte[] EMPTY_TUPLE_PICKLE = {(byte) 0x80, 2, ')', '.'};

  private final ByteArrayOutputStream pickle = new ByteArrayOutputStream();
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private final ZipOutputStream zip = new ZipOutputStream(bytes);
  private int tensors;

  private TorchArchive() {
    zip.setMethod(ZipOutputStream.STORED);
  }

  /**
   * @param className the class that {@code source} defines
   * @param attributes in the order of their declaration; Boolean, Long, Double, String, {@link
   *     ZeroTensor} or an empty List for {@code List[Tensor]}
   */
  static byte[] write(String className, String source, Map<String, Object> attributes) {
    TorchArchive archive = new TorchArchive();
    try {
      archive.object(className, attributes);
      archive.entry("m/data.pkl", archive.pickle.toByteArray());
      archive.entry("m/code/__torch__.py", source.getBytes(StandardCharsets.UTF_8));
      archive.entry("m/constants.pkl", EMPTY_TUPLE_PICKLE);
      archive.entry("m/version", "3\n".getBytes(StandardCharsets.UTF_8));
      archive.zip.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return archive.bytes.toByteArray();
  }

  private void object(String className, Map<String, Object> attributes) throws IOException {
    opcodes(0x80, 2);
    global("__torch__", className);
    opcodes(')', 0x81, '}', '(');
    for (Map.Entry<String, Object> attribute : attributes.entrySet()) {
      string(attribute.getKey());
      value(attribute.getValue());
    }
    opcodes('u', 'b', '.');
  }

  private void value(Object value) throws IOException {
    if (value instanceof Boolean b) {
      opcodes(b ? 0x88 : 0x89);
    } else if (value instanceof Long n) {
      opcodes(0x8a, 8);
      littleEndian(n, 8);
    } else if (value instanceof Double d) {
      opcodes('G');
      long bits = Double.doubleToLongBits(d);
      for (int shift = 56; shift >= 0; shift -= 8) {
        pickle.write((int) (bits >> shift));
      }
    } else if (value instanceof String text) {
      string(text);
    } else if (value instanceof List<?> list && list.isEmpty()) {
      global("torch.jit._pickle", "build_tensorlist");
      opcodes('(', ']', 't', 'R');
    } else if (value instanceof ZeroTensor tensor) {
      tensor(tensor);
    } else {
      throw new IllegalArgumentException("no pickle for " + value);
    }
  }

  private void tensor(ZeroTensor tensor) throws IOException {
    String key = Integer.toString(tensors++);
    entry("m/data/" + key, new byte[4 * tensor.elements()]);
    global("torch._utils", "_rebuild_tensor_v2");
    opcodes('(', '(');
    string("storage");
    global("torch", "FloatStorage");
    string(key);
    string("cpu");
    value((long) tensor.elements());
    opcodes('t', 'Q');
    value(0L);
    opcodes('(');
    for (long d : tensor.shape()) {
      value(d);
    }
    opcodes('t', '(');
    long stride = tensor.elements();
    for (long d : tensor.shape()) {
      stride = d == 0 ? stride : stride / d;
      value(stride);
    }
    opcodes('t', 0x89);
    global("collections", "OrderedDict");
    opcodes(')', 'R', 't', 'R');
  }

  private void opcodes(int... codes) {
    for (int code : codes) {
      pickle.write(code);
    }
  }

  private void string(String text) {
    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
    opcodes('X');
    littleEndian(utf8.length, 4);
    pickle.writeBytes(utf8);
  }

  private void global(String module, String name) {
    pickle.writeBytes(("c" + module + "\n" + name + "\n").getBytes(StandardCharsets.UTF_8));
  }

  private void littleEndian(long value, int size) {
    for (int k = 0; k < size; k++) {
      pickle.write((int) (value >> (8 * k)));
    }
  }

  private void entry(String name, byte[] content) throws IOException {
    ZipEntry entry = new ZipEntry(name);
    CRC32 crc = new CRC32();
    crc.update(content);
    entry.setSize(content.length);
    entry.setCompressedSize(content.length);
    entry.setCrc(crc.getValue());
    zip.putNextEntry(entry);
    zip.write(content);
    zip.closeEntry();
  }
}
