package io.qwark.engine;

import io.qwark.engine.api.ErrorCode;
import io.qwark.engine.api.Request;
import io.qwark.engine.api.RequestException;

/** Turns requests away that could not be carried out, before any work. */
final class Admission {
  private Admission() {}

  static void check(Request request, EngineLimits limits) {
    int[] prompt = request.promptTokenIds();
    if (prompt.length == 0) {
      throw new RequestException(ErrorCode.EMPTY_PROMPT, "The prompt has no tokens");
    }
    for (int token : prompt) {
      if (token < 0 || token >= limits.vocabSize()) {
        throw new RequestException(
            ErrorCode.INVALID_PROMPT,
            "Token id " + token + " is not in the vocabulary, 0 to " + (limits.vocabSize() - 1));
      }
    }
    if (prompt.length >= limits.contextLength()) {
      throw new RequestException(
          ErrorCode.PROMPT_TOO_LONG,
          "The prompt has "
              + prompt.length
              + " tokens, and the context of "
              + limits.contextLength()
              + " must hold at least one more: shorten it, or raise max_model_len if the model"
              + " allows it");
    }
    if (prompt.length >= limits.cacheTokens()) {
      throw new RequestException(
          ErrorCode.KV_CACHE_TOO_SMALL,
          "The prompt has "
              + prompt.length
              + " tokens, and the KV cache of "
              + limits.cacheTokens()
              + " must hold at least one more: raise kv_cache_tokens or give the executor more"
              + " memory");
    }
  }
}
