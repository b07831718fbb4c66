package io.qwark.engine.torch;

import ai.djl.pytorch.engine.PtNDArray;
import io.qwark.engine.checkpoint.DType;
import io.qwark.engine.checkpoint.SafeTensors;
import io.qwark.engine.checkpoint.SafeTensorsOutput;
import io.qwark.engine.checkpoint.SafeTensorsOutput.Announced;
import io.qwark.engine.checkpoint.Tensor;
import io.qwark.engine.checkpoint.TensorEntry;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.zip.CRC32C;

/** All packed weights of a model, in memory or in a file that is mapped. */
final class PackedWeights implements Linears {
  private static final String CHECKSUMS = "crc32c";

  private final TorchModule module;
  private final int bits;
  private final int lmHeadBits;
  private final List<PackedWeight> weights = new ArrayList<>();

  /**
   * @param bits of all weights but the head, 8 or 4
   * @param lmHeadBits of the head, 8, or 4 beside 4
   */
  PackedWeights(TorchModule module, int bits, int lmHeadBits) {
    this.module = module;
    this.bits = bits;
    this.lmHeadBits = lmHeadBits;
  }

  /**
   * Names how they are packed; to be changed with anything that changes what is packed from a
   * checkpoint.
   */
  String layout() {
    if (bits == 8) {
      return "int8-panels-2";
    }
    return lmHeadBits == 8 ? "int4-panels-1" : "int4-panels-1-head4";
  }

  /** Nothing is read yet. */
  @Override
  public void add(Tensor... parts) {
    weights.add(new PackedWeight(List.of(parts), false, bits));
  }

  @Override
  public void addGated(Tensor gate, Tensor up) {
    weights.add(new PackedWeight(List.of(gate, up), true, bits));
  }

  @Override
  public void addHead(Tensor head) {
    weights.add(new PackedWeight(List.of(head), false, lmHeadBits));
  }

  /** Whether a file of them can be mapped tensor by tensor. */
  boolean fitsFile() {
    return weights.stream().allMatch(w -> w.valueBytes() <= 1L << 30);
  }

  /** Packs them into the program's own memory. */
  void pack() {
    for (PackedWeight weight : weights) {
      PtNDArray values = module.emptyBytes(weight.valueBytes());
      PtNDArray scales = module.emptyBytes(1, weight.scaleBytes());
      weight.pack(module, values, scales);
      handOver(values, scales);
    }
  }

  /** Packs them one by one into a new file. */
  void write(Path file) throws IOException {
    List<Long> checksums = new ArrayList<>();
    try (SafeTensorsOutput output = new SafeTensorsOutput(file, announced())) {
      List<ByteBuffer> scales = new ArrayList<>();
      for (PackedWeight weight : weights) {
        try (TorchModule.Scope scope = module.scope()) {
          PtNDArray values = scope.emptyBytes(weight.valueBytes());
          PtNDArray scale = scope.emptyBytes(1, weight.scaleBytes());
          weight.pack(module, values, scale);
          ByteBuffer bytes = values.toByteBuffer(true);
          checksums.add(checksum(bytes.duplicate()));
          output.write(bytes);
          scales.add(ByteBuffer.wrap(scale.toByteArray()));
        }
      }
      for (ByteBuffer scale : scales) {
        checksums.add(checksum(scale.duplicate()));
        output.write(scale);
      }
      ByteBuffer sums = ByteBuffer.allocate(8 * checksums.size()).order(ByteOrder.LITTLE_ENDIAN);
      checksums.forEach(sums::putLong);
      output.write(sums.flip());
      output.finish();
    }
  }

  /**
   * Uses a file that {@link #write} wrote, where it is mapped.
   *
   * @return null, or what is wrong with it; then nothing was used
   */
  String use(SafeTensors file) {
    String damage = damage(file);
    if (damage == null) {
      try (TorchModule.Scope scope = module.scope()) {
        for (int i = 0; i < weights.size(); i++) {
          PackedWeight weight = weights.get(i);
          handOver(
              scope.bytes(bytes(file, values(i)), 1, weight.valueBytes()),
              scope.bytes(bytes(file, scales(i)), 1, weight.scaleBytes()));
        }
      }
    }
    return damage;
  }

  private void handOver(PtNDArray values, PtNDArray scales) {
    try (TorchModule.Scope scope = module.scope()) {
      scope.callForLong("add_packed", values, scales);
    }
  }

  private List<Announced> announced() {
    List<Announced> tensors = new ArrayList<>();
    for (int i = 0; i < weights.size(); i++) {
      tensors.add(new Announced(values(i), DType.U8, weights.get(i).valueBytes()));
    }
    for (int i = 0; i < weights.size(); i++) {
      tensors.add(new Announced(scales(i), DType.F32, weights.get(i).rows()));
    }
    tensors.add(new Announced(CHECKSUMS, DType.I64, 2L * weights.size()));
    return tensors;
  }

  private String damage(SafeTensors file) {
    List<Announced> expected = announced();
    List<TensorEntry> found = List.copyOf(file.entries());
    if (found.size() != expected.size()) {
      return "it holds " + found.size() + " tensors instead of " + expected.size();
    }
    for (Announced tensor : expected) {
      TensorEntry entry = file.find(tensor.name());
      if (entry == null
          || entry.dtype() != tensor.dtype()
          || entry.size() != tensor.shape()[0]
          || entry.shape().length != 1) {
        return "tensor " + tensor.name() + " is missing or of another size";
      }
    }
    ByteBuffer checksums = bytes(file, CHECKSUMS);
    return IntStream.range(0, expected.size() - 1)
        .parallel()
        .filter(i -> checksum(bytes(file, expected.get(i).name())) != checksums.getLong(8 * i))
        .mapToObj(i -> "tensor " + expected.get(i).name() + " does not have its checksum")
        .findFirst()
        .orElse(null);
  }

  private static ByteBuffer bytes(SafeTensors file, String name) {
    TensorEntry entry = file.find(name);
    return entry.rows(0, entry.rowCount());
  }

  private static long checksum(ByteBuffer bytes) {
    CRC32C crc = new CRC32C();
    crc.update(bytes);
    return crc.getValue();
  }

  private static String values(int index) {
    return "linears." + index + ".weight";
  }

  private static String scales(int index) {
    return "linears." + index + ".scale";
  }
}
