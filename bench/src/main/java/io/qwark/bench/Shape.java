package io.qwark.bench;

import io.qwark.engine.api.UserException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Dimensions of Qwen3 models with a tied output layer. Those of the real ones are in the {@code
 * config.json} of Qwen/Qwen3-0.6B and Qwen/Qwen3-4B.
 */
public enum Shape {
  TINY("tiny", 1024, 128, 384, 4, 4, 2, 32),
  QWEN3_0_6B("0.6b", 151_936, 1024, 3072, 28, 16, 8, 128),
  QWEN3_4B("4b", 151_936, 2560, 9728, 36, 32, 8, 128);

  /** A matrix or vector of a checkpoint, by the name that Transformers gives it. */
  public record Tensor(String name, List<Long> dimensions) {
    public static Tensor of(String name, long... dimensions) {
      return new Tensor(name, Arrays.stream(dimensions).boxed().toList());
    }

    public long size() {
      return dimensions.stream().reduce(1L, Math::multiplyExact);
    }

    /** Whether it scales a normalized vector, so that its neutral value is 1. */
    public boolean isNorm() {
      return dimensions.size() == 1;
    }
  }

  public final String wireName;
  public final int vocabSize;
  public final int hiddenSize;
  public final int intermediateSize;
  public final int layers;
  public final int attentionHeads;
  public final int keyValueHeads;
  public final int headDim;

  Shape(
      String wireName,
      int vocabSize,
      int hiddenSize,
      int intermediateSize,
      int layers,
      int attentionHeads,
      int keyValueHeads,
      int headDim) {
    this.wireName = wireName;
    this.vocabSize = vocabSize;
    this.hiddenSize = hiddenSize;
    this.intermediateSize = intermediateSize;
    this.layers = layers;
    this.attentionHeads = attentionHeads;
    this.keyValueHeads = keyValueHeads;
    this.headDim = headDim;
  }

  public static Shape of(String name) {
    return Arrays.stream(values())
        .filter(s -> s.wireName.equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new UserException(
                    "Cannot write a checkpoint of the shape `" + name + "`",
                    "there is none of this name",
                    "Choose one of "
                        + Arrays.stream(values())
                            .map(s -> s.wireName)
                            .collect(Collectors.joining(", "))));
  }

  /** All tensors of the checkpoint, in the order in which they are written. */
  public List<Tensor> tensors() {
    long queries = (long) attentionHeads * headDim;
    long keys = (long) keyValueHeads * headDim;
    List<Tensor> tensors = new ArrayList<>();
    tensors.add(Tensor.of("model.embed_tokens.weight", vocabSize, hiddenSize));
    for (int layer = 0; layer < layers; layer++) {
      String prefix = "model.layers." + layer + ".";
      tensors.add(Tensor.of(prefix + "input_layernorm.weight", hiddenSize));
      tensors.add(Tensor.of(prefix + "self_attn.q_proj.weight", queries, hiddenSize));
      tensors.add(Tensor.of(prefix + "self_attn.k_proj.weight", keys, hiddenSize));
      tensors.add(Tensor.of(prefix + "self_attn.v_proj.weight", keys, hiddenSize));
      tensors.add(Tensor.of(prefix + "self_attn.o_proj.weight", hiddenSize, queries));
      tensors.add(Tensor.of(prefix + "self_attn.q_norm.weight", headDim));
      tensors.add(Tensor.of(prefix + "self_attn.k_norm.weight", headDim));
      tensors.add(Tensor.of(prefix + "post_attention_layernorm.weight", hiddenSize));
      tensors.add(Tensor.of(prefix + "mlp.gate_proj.weight", intermediateSize, hiddenSize));
      tensors.add(Tensor.of(prefix + "mlp.up_proj.weight", intermediateSize, hiddenSize));
      tensors.add(Tensor.of(prefix + "mlp.down_proj.weight", hiddenSize, intermediateSize));
    }
    tensors.add(Tensor.of("model.norm.weight", hiddenSize));
    return tensors;
  }
}
