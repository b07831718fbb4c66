package io.qwark.engine.gguf;

import java.util.Arrays;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * How a text is split into words before byte pairs are merged. A GGUF file names it only ({@code
 * tokenizer.ggml.pre}); what the names stand for is taken from the {@code tokenizer.json} of the
 * models that they were made for.
 */
enum PreTokenizer {
  /** Qwen2, Qwen2.5 and Qwen3: digits one by one; NFC. */
  QWEN2(
      Set.of("qwen2", "deepseek-r1-qwen"),
      """
      {"type":"NFC"}""",
      split("\\\\p{N}"),
      false),
  /** Llama 3: up to three digits; a word that is a token as a whole is not put together. */
  LLAMA3(Set.of("llama-bpe", "llama3", "llama-v3"), "null", split("\\\\p{N}{1,3}"), true),
  /** SmolLM and SmolLM2: digits one by one, then as GPT-2. */
  SMOLLM(
      Set.of("smollm"),
      "null",
      """
      {"type":"Sequence","pretokenizers":[\
      {"type":"Digits","individual_digits":true},\
      {"type":"ByteLevel","add_prefix_space":false,"trim_offsets":true,"use_regex":true}]}""",
      false),
  /** GPT-2. */
  GPT2(
      Set.of("gpt-2", "gpt2"),
      "null",
      """
      {"type":"ByteLevel","add_prefix_space":false,"trim_offsets":true,"use_regex":true}""",
      false);

  private final Set<String> names;
  private final String normalizer;
  private final String json;
  private final boolean ignoreMerges;

  PreTokenizer(Set<String> names, String normalizer, String json, boolean ignoreMerges) {
    this.names = names;
    this.normalizer = normalizer;
    this.json = json;
    this.ignoreMerges = ignoreMerges;
  }

  /** The two differ in how digits are taken. */
  private static String split(String digits) {
    return """
        {"type":"Sequence","pretokenizers":[\
        {"type":"Split","pattern":{"Regex":"\
        (?i:'s|'t|'re|'ve|'m|'ll|'d)\
        |[^\\\\r\\\\n\\\\p{L}\\\\p{N}]?\\\\p{L}+\
        |%s\
        | ?[^\\\\s\\\\p{L}\\\\p{N}]+[\\\\r\\\\n]*\
        |\\\\s*[\\\\r\\\\n]+\
        |\\\\s+(?!\\\\S)\
        |\\\\s+\
        "},"behavior":"Isolated","invert":false},\
        {"type":"ByteLevel","add_prefix_space":false,"trim_offsets":false,"use_regex":false}]}"""
        .formatted(digits);
  }

  /** The {@code normalizer} of a {@code tokenizer.json}. */
  String normalizer() {
    return normalizer;
  }

  /** The {@code pre_tokenizer} of a {@code tokenizer.json}. */
  String json() {
    return json;
  }

  /** Whether a word that is a token is that token, whatever the merges. */
  boolean ignoreMerges() {
    return ignoreMerges;
  }

  /** The one that goes by this name, or null. */
  static PreTokenizer of(String name) {
    return Arrays.stream(values()).filter(p -> p.names.contains(name)).findFirst().orElse(null);
  }

  static String all() {
    return Arrays.stream(values())
        .flatMap(p -> p.names.stream().sorted())
        .collect(Collectors.joining(", "));
  }
}
