package io.qwark.engine.checkpoint;

import java.util.Arrays;
import java.util.stream.Collectors;

/**
 * The kinds of models there are. All are decoders of the Llama kind (pre-norm, rotary embeddings,
 * grouped heads, SwiGLU); what is said here is all in which their computations differ. Sources: the
 * model classes of Transformers.
 */
public enum Family {
  /** Each head of queries and keys is normalized before it is turned. */
  QWEN3("qwen3", "Qwen3ForCausalLM", false, true),
  /** Qwen2 and Qwen2.5: queries, keys and values have a bias. */
  QWEN2("qwen2", "Qwen2ForCausalLM", true, false),
  /** Llama 2 and 3, SmolLM2, TinyLlama. */
  LLAMA("llama", "LlamaForCausalLM", false, false);

  private final String modelType;
  private final String architecture;
  private final boolean attentionBias;
  private final boolean qkNorm;

  Family(String modelType, String architecture, boolean attentionBias, boolean qkNorm) {
    this.modelType = modelType;
    this.architecture = architecture;
    this.attentionBias = attentionBias;
    this.qkNorm = qkNorm;
  }

  /** The {@code model_type} of a {@code config.json}. */
  public String modelType() {
    return modelType;
  }

  /** The class in Transformers. */
  public String architecture() {
    return architecture;
  }

  /** Whether the products that give queries, keys and values (not the output's) have a bias. */
  public boolean attentionBias() {
    return attentionBias;
  }

  /** Whether each head of queries and keys has an RMS norm. */
  public boolean qkNorm() {
    return qkNorm;
  }

  /** The family of a {@code model_type}, or null. */
  static Family of(String modelType) {
    return Arrays.stream(values())
        .filter(family -> family.modelType.equals(modelType))
        .findFirst()
        .orElse(null);
  }

  static String modelTypes() {
    return Arrays.stream(values()).map(Family::modelType).collect(Collectors.joining(", "));
  }
}
