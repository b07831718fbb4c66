package io.qwark.udf;

/** What a prompt column of strings holds; arrays of messages or token ids say it by their type. */
public enum PromptForm {
  /** Text to be tokenized as it stands, without a chat template. */
  TEXT,
  /** What a user says: becomes the one user message of a conversation. */
  CHAT
}
