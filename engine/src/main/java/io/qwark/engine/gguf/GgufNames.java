package io.qwark.engine.gguf;

import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Translates llama.cpp's tensor names ({@code gguf.constants} of gguf-py) to Transformers'. */
final class GgufNames {
  static final String EMBEDDING = "token_embd.weight";
  static final String OUTPUT = "output.weight";

  /** Factors of Llama 3's rotary frequencies; part of the config. */
  static final String ROPE_FACTORS = "rope_freqs.weight";

  private static final Map<String, String> WHOLE =
      Map.of(
          "token_embd", "model.embed_tokens",
          "output_norm", "model.norm",
          "output", "lm_head");

  private static final Map<String, String> IN_LAYER =
      Map.ofEntries(
          Map.entry("attn_norm", "input_layernorm"),
          Map.entry("attn_q", "self_attn.q_proj"),
          Map.entry("attn_k", "self_attn.k_proj"),
          Map.entry("attn_v", "self_attn.v_proj"),
          Map.entry("attn_output", "self_attn.o_proj"),
          Map.entry("attn_q_norm", "self_attn.q_norm"),
          Map.entry("attn_k_norm", "self_attn.k_norm"),
          Map.entry("ffn_norm", "post_attention_layernorm"),
          Map.entry("ffn_gate", "mlp.gate_proj"),
          Map.entry("ffn_up", "mlp.up_proj"),
          Map.entry("ffn_down", "mlp.down_proj"));

  private static final Pattern NAME =
      Pattern.compile("(?:blk\\.(0|[1-9][0-9]{0,4})\\.)?([a-z_]+)\\.(weight|bias)");

  private GgufNames() {}

  /** {@code blk.3.ffn_up.weight} is {@code model.layers.3.mlp.up_proj.weight}; else as it is. */
  static String translate(String name) {
    Matcher parts = NAME.matcher(name);
    if (!parts.matches()) {
      return name;
    }
    String layer = parts.group(1);
    String there = (layer == null ? WHOLE : IN_LAYER).get(parts.group(2));
    if (there == null) {
      return name;
    }
    String prefix = layer == null ? "" : "model.layers." + layer + ".";
    return prefix + there + "." + parts.group(3);
  }
}
