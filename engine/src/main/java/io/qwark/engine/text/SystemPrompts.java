package io.qwark.engine.text;

/** What templates let the system say where a conversation does not, word for word. */
final class SystemPrompts {
  static final String QWEN2 = "You are a helpful assistant.";
  static final String QWEN2_5 =
      "You are Qwen, created by Alibaba Cloud. You are a helpful assistant.";
  static final String QWEN2_5_MATH =
      "Please reason step by step, and put your final answer within \\boxed{}.";
  static final String SMOLLM2 =
      "You are a helpful AI assistant named SmolLM, trained by Hugging Face";

  private SystemPrompts() {}
}
