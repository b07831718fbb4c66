package io.qwark.engine.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Weights as the compressed-tensors library writes them (vLLM's LLM Compressor). The weight is
 * {@code (code - zero) * scale}: {@code weight_packed} holds codes along a row in words, less the
 * lowest number; {@code weight} holds 8-bit integers or E4M3.
 */
final class CompressedFormat implements QuantizedFormat {
  private static final String SCALE = "weight_scale";
  private static final String ZERO = "weight_zero_point";
  private static final String INDEX = "weight_g_idx";
  private static final int MOST_GROUPS = 1000;

  /** How inputs are rounded, which is the engine's own business. */
  private static final Set<String> INPUTS = Set.of("input_scale", "input_zero_point");

  private record Group(CompressedTargets targets, CompressedScheme scheme) {}

  private final List<Group> groups;
  private final CompressedTargets ignored;

  private CompressedFormat(List<Group> groups, CompressedTargets ignored) {
    this.groups = groups;
    this.ignored = ignored;
  }

  static CompressedFormat of(Fields fields) {
    QuantizedFormats.refuse(fields, "kv_cache_scheme");
    QuantizedFormats.refuse(fields, "transform_config");
    if (fields.get("sparsity_config") != null) {
      Fields sparsity = fields.in("sparsity_config");
      if (!sparsity.root().isEmpty()) {
        QuantizedFormats.require(sparsity, "format", "dense", "dense");
      }
    }
    NamePatterns matcher = new NamePatterns(fields.file());
    Fields all = fields.in("config_groups");
    List<Group> groups = new ArrayList<>();
    for (Map.Entry<String, JsonNode> entry : all.root().properties()) {
      Fields group = all.in(entry.getKey());
      groups.add(
          new Group(
              new CompressedTargets(group, "targets", matcher),
              CompressedScheme.of(group, fields.text("format", "dense"))));
    }
    if (groups.isEmpty() || groups.size() > MOST_GROUPS) {
      throw Errors.damaged(fields.file(), "`config_groups` has " + groups.size() + " entries");
    }
    return new CompressedFormat(groups, new CompressedTargets(fields, "ignore", matcher));
  }

  @Override
  public Set<String> parts() {
    return Set.of(
        "weight_packed", SCALE, ZERO, "weight_shape", INDEX, "input_scale", "input_zero_point");
  }

  @Override
  public Tensor weight(PackedLayer layer) {
    CompressedScheme scheme = schemeOf(layer);
    INPUTS.forEach(layer::pass);
    return switch (scheme.layout()) {
      case PACKED -> packed(layer, scheme);
      case BYTES -> {
        TensorEntry codes = layer.take(PackedLayer.WEIGHT, DType.I8);
        layer.requireMatrix(codes);
        yield whole(layer, scheme, codes.rowCount(), codes.rowSize(), ByteCodes.signed(codes));
      }
      case FLOATS -> {
        TensorEntry codes = layer.take(PackedLayer.WEIGHT, DType.F8_E4M3);
        TensorEntry scale = layer.take(SCALE, PackedLayer.FLOATS);
        yield floats(layer, scheme, codes, scale);
      }
    };
  }

  /** A layer's own name goes before patterns, and patterns before its class. */
  private CompressedScheme schemeOf(PackedLayer layer) {
    String module = layer.module();
    if (ignored.names(module) || ignored.describes(module) || ignored.classifies(module)) {
      throw layer.wrong("it is quantized, and config.json says under `ignore` that it is not");
    }
    for (Group group : groups) {
      if (group.targets().names(module)) {
        return group.scheme();
      }
    }
    for (Group group : groups) {
      if (group.targets().describes(module)) {
        return group.scheme();
      }
    }
    for (Group group : groups) {
      if (group.targets().classifies(module)) {
        return group.scheme();
      }
    }
    throw layer.wrong("it is quantized, and no target in config.json's `config_groups` is for it");
  }

  private static Tensor packed(PackedLayer layer, CompressedScheme scheme) {
    TensorEntry words = layer.take("weight_packed", DType.I32);
    TensorEntry shape = layer.take("weight_shape", DType.I64, DType.I32);
    layer.requireMatrix(words);
    layer.requireShape(shape, 2);
    ByteBuffer numbers = shape.rows(0, 2);
    boolean wide = shape.dtype() == DType.I64;
    long rows = wide ? numbers.getLong(0) : numbers.getInt(0);
    long width = wide ? numbers.getLong(Long.BYTES) : numbers.getInt(Integer.BYTES);
    if (rows < 1 || width < 1 || width > PackedLayer.MAX_WIDTH) {
      throw layer.wrong(shape, "it gives the shape [" + rows + ", " + width + "]");
    }
    layer.requireShape(words, rows, (width * scheme.bits() + 31) / 32);
    int middle = 1 << scheme.bits() - 1;
    return whole(
        layer, scheme, rows, width, new BitRowCodes(words, (int) width, scheme.bits(), middle));
  }

  private static Tensor whole(
      PackedLayer layer, CompressedScheme scheme, long rows, long width, Codes codes) {
    TensorEntry scale = layer.take(SCALE, PackedLayer.FLOATS);
    Groups groups;
    RowValues scales;
    switch (scheme.strategy()) {
      case "group" -> {
        groups = layer.groups(width, scheme.groupSize());
        layer.requireShape(scale, rows, groups.count());
        scales = RowValues.rows(scale);
      }
      case "channel", "tensor" -> {
        groups = Groups.one((int) width);
        scales = Fp8Format.oneEach(layer, scale, rows);
      }
      default -> throw layer.wrong("its whole numbers share scales by " + scheme.strategy());
    }
    RowValues zeros = null;
    if (!scheme.symmetric() || layer.has(ZERO)) {
      zeros = CompressedZeros.of(layer, layer.take(ZERO, DType.I32, DType.I8), scheme, scale, rows);
    }
    if (layer.has(INDEX)) {
      groups = layer.groups(groups, layer.take(INDEX, DType.I32), (int) width);
    }
    PackedMatrix matrix = layer.matrix(rows, width, scheme.label());
    return ScaledTensor.whole(matrix, codes, groups, scales, zeros);
  }

  private static Tensor floats(
      PackedLayer layer, CompressedScheme scheme, TensorEntry codes, TensorEntry scale) {
    return switch (scheme.strategy()) {
      case "block" -> {
        int[] block = scheme.block();
        yield Fp8Format.blocks(layer, codes, scale, block[0], block[1]);
      }
      case "channel", "tensor" -> Fp8Format.byRow(layer, codes, scale);
      default -> throw layer.wrong("its FP8 numbers share scales by " + scheme.strategy());
    };
  }
}
