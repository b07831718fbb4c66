package io.qwark.engine.checkpoint;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;

/** A copy of one of the {@link QuantizedGoldens} that tests change. */
final class EditedFolder {
  private record Stored(String dtype, long[] shape, byte[] bytes) {}

  private final Path folder;
  private final Path file;
  private final Map<String, Stored> tensors = new LinkedHashMap<>();

  EditedFolder(String name, Path folder, String weights) throws IOException {
    this.folder = folder;
    this.file = folder.resolve(weights);
    QuantizedGoldens.copy(name, folder);
    for (TensorEntry entry : SafeTensorsHeader.read(MappedFile.open(file))) {
      ByteBuffer rows = entry.rows(0, entry.rowCount());
      byte[] bytes = new byte[rows.remaining()];
      rows.get(bytes);
      tensors.put(entry.name(), new Stored(entry.dtype().name(), entry.shape(), bytes));
    }
  }

  /** A model. */
  static EditedFolder of(String name, Path folder) throws IOException {
    return new EditedFolder(name, folder, SafeTensors.SINGLE);
  }

  EditedFolder remove(String tensor) throws IOException {
    require(tensor);
    tensors.remove(tensor);
    return write();
  }

  EditedFolder copy(String tensor, String as) throws IOException {
    tensors.put(as, require(tensor));
    return write();
  }

  /** Gives it another shape, and as many of its first bytes as that shape takes. */
  EditedFolder reshape(String tensor, long... shape) throws IOException {
    Stored old = require(tensor);
    long numbers = Arrays.stream(shape).reduce(1, (a, b) -> a * b);
    int bytes = (int) numbers * DType.of(old.dtype()).orElseThrow().bytes();
    tensors.put(tensor, new Stored(old.dtype(), shape, Arrays.copyOf(old.bytes(), bytes)));
    return write();
  }

  EditedFolder retype(String tensor, String dtype) throws IOException {
    Stored old = require(tensor);
    tensors.put(tensor, new Stored(dtype, old.shape(), old.bytes()));
    return write();
  }

  /** Writes a little-endian int over four bytes. */
  EditedFolder put(String tensor, int at, int value) throws IOException {
    Stored old = require(tensor);
    byte[] bytes = old.bytes().clone();
    ByteBuffer.wrap(bytes).putInt(at, Integer.reverseBytes(value));
    tensors.put(tensor, new Stored(old.dtype(), old.shape(), bytes));
    return write();
  }

  EditedFolder json(String name, Consumer<ObjectNode> change) throws IOException {
    ObjectMapper mapper = new ObjectMapper();
    Path path = folder.resolve(name);
    ObjectNode root = (ObjectNode) mapper.readTree(path.toFile());
    change.accept(root);
    Files.write(path, mapper.writeValueAsBytes(root));
    return this;
  }

  private Stored require(String tensor) {
    if (!tensors.containsKey(tensor)) {
      throw new IllegalArgumentException(tensor + " is none of " + tensors.keySet());
    }
    return tensors.get(tensor);
  }

  private EditedFolder write() throws IOException {
    SafeTensorsWriter writer = new SafeTensorsWriter();
    tensors.forEach(
        (name, stored) -> writer.raw(name, stored.dtype(), stored.shape(), stored.bytes()));
    writer.write(file);
    return this;
  }
}
