package io.qwark.bench;

import io.qwark.engine.checkpoint.DType;
import io.qwark.engine.checkpoint.SafeTensors;
import io.qwark.engine.checkpoint.TensorEntry;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Converts a random checkpoint into the file that llama.cpp reads, so that both sides compute with
 * the same weights. All matrices are of one type, the embedding, which is the output layer too,
 * included. There is no vocabulary in it: prompts are token ids.
 */
final class Gguf {
  private static final int BUFFER_BYTES = 8 << 20;

  /** Names that differ from the checkpoint's, after {@code model.layers.N.} is taken off. */
  private static final Map<String, String> NAMES =
      Map.ofEntries(
          Map.entry("model.embed_tokens", "token_embd"),
          Map.entry("model.norm", "output_norm"),
          Map.entry("input_layernorm", "attn_norm"),
          Map.entry("self_attn.q_proj", "attn_q"),
          Map.entry("self_attn.k_proj", "attn_k"),
          Map.entry("self_attn.v_proj", "attn_v"),
          Map.entry("self_attn.o_proj", "attn_output"),
          Map.entry("self_attn.q_norm", "attn_q_norm"),
          Map.entry("self_attn.k_norm", "attn_k_norm"),
          Map.entry("post_attention_layernorm", "ffn_norm"),
          Map.entry("mlp.gate_proj", "ffn_gate"),
          Map.entry("mlp.up_proj", "ffn_up"),
          Map.entry("mlp.down_proj", "ffn_down"));

  private Gguf() {}

  /**
   * @param checkpoint a folder that {@link RandomCheckpoint} wrote
   * @param type of the matrices; vectors are float32
   * @param file a new file
   */
  static void write(Shape shape, Path checkpoint, GgufType type, Path file) throws IOException {
    SafeTensors source = SafeTensors.open(checkpoint);
    List<GgufHeader.Tensor> tensors = new ArrayList<>();
    for (Shape.Tensor tensor : shape.tensors()) {
      List<Long> dimensions = new ArrayList<>(tensor.dimensions());
      Collections.reverse(dimensions);
      tensors.add(
          new GgufHeader.Tensor(
              name(tensor.name()), dimensions, tensor.isNorm() ? GgufType.F32 : type));
    }
    try (FileChannel out =
        FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      writeAll(out, ByteBuffer.wrap(GgufHeader.of(metadata(shape, type), tensors)));
      ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER_BYTES).order(ByteOrder.LITTLE_ENDIAN);
      for (int i = 0; i < tensors.size(); i++) {
        TensorEntry weights = source.find(shape.tensors().get(i).name());
        writeTensor(weights, tensors.get(i).type(), buffer, out);
        writeAll(out, ByteBuffer.wrap(GgufHeader.padding(tensors.get(i).bytes())));
      }
    }
  }

  /** model.layers.3.mlp.up_proj.weight is blk.3.ffn_up.weight. */
  static String name(String name) {
    String[] parts = name.split("\\.", 4);
    boolean inLayer = parts[1].equals("layers");
    String rest = inLayer ? parts[3] : name;
    String stem = rest.substring(0, rest.lastIndexOf('.'));
    String there = NAMES.get(stem);
    if (there == null) {
      throw new IllegalArgumentException("Unknown tensor " + name);
    }
    return (inLayer ? "blk." + parts[2] + "." : "") + there + ".weight";
  }

  private static Map<String, Object> metadata(Shape shape, GgufType type) {
    Map<String, Object> metadata = new LinkedHashMap<>();
    metadata.put("general.architecture", "qwen3");
    metadata.put("general.name", "random " + shape.wireName);
    metadata.put("general.file_type", type.fileType);
    metadata.put("general.quantization_version", 2);
    metadata.put("qwen3.vocab_size", shape.vocabSize);
    metadata.put("qwen3.context_length", RandomCheckpoint.CONTEXT);
    metadata.put("qwen3.embedding_length", shape.hiddenSize);
    metadata.put("qwen3.block_count", shape.layers);
    metadata.put("qwen3.feed_forward_length", shape.intermediateSize);
    metadata.put("qwen3.attention.head_count", shape.attentionHeads);
    metadata.put("qwen3.attention.head_count_kv", shape.keyValueHeads);
    metadata.put("qwen3.attention.key_length", shape.headDim);
    metadata.put("qwen3.attention.value_length", shape.headDim);
    metadata.put("qwen3.attention.layer_norm_rms_epsilon", (float) RandomCheckpoint.NORM_EPSILON);
    metadata.put("qwen3.rope.freq_base", (float) RandomCheckpoint.ROPE_THETA);
    metadata.put("tokenizer.ggml.model", "none");
    return metadata;
  }

  private static void writeTensor(
      TensorEntry weights, GgufType type, ByteBuffer buffer, FileChannel out) throws IOException {
    if (weights.dtype() != DType.BF16) {
      throw new IllegalArgumentException(weights + " is not bfloat16");
    }
    float[] block = new float[GgufType.BLOCK];
    for (long row = 0; row < weights.rowCount(); row += weights.maxRows()) {
      ByteBuffer rows = weights.rows(row, Math.min(weights.maxRows(), weights.rowCount() - row));
      while (rows.hasRemaining()) {
        for (int i = 0; i < block.length; i++) {
          block[i] = Float.intBitsToFloat(rows.getShort() << 16);
        }
        if (buffer.remaining() < type.bytes(block.length)) {
          flush(buffer, out);
        }
        type.encode(block, buffer);
      }
    }
    flush(buffer, out);
  }

  private static void flush(ByteBuffer buffer, FileChannel out) throws IOException {
    buffer.flip();
    writeAll(out, buffer);
    buffer.clear();
  }

  private static void writeAll(FileChannel out, ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      out.write(bytes);
    }
  }
}
