package io.qwark.engine;

import io.qwark.engine.api.TokenLogprob;
import java.util.List;

/**
 * What a computed step says about one of its requests. Nothing of it has reached the request yet: a
 * step whose outcomes are thrown away never happened.
 *
 * @param scored log-probabilities of tokens of the prompt, or null
 * @param drawn the next tokens, none where the prompt goes on; those after one that ends the
 *     request are of no account
 * @param failure what is wrong with this request's scores, or null
 */
record Outcome(
    ActiveRequest request, Scored scored, List<Drawn> drawn, Source source, Throwable failure) {

  /** Where the tokens come from. */
  enum Source {
    /** A step that scores what follows tokens that were there, or that were guessed. */
    STEP,
    /** A call in which the model decoded them, each but the last one being computed as well. */
    AHEAD,
    /** The same, and what follows them the model could not decide by itself. */
    AHEAD_UNDECIDED
  }

  /** The outcome of a step. */
  Outcome(ActiveRequest request, Scored scored, List<Drawn> drawn, Throwable failure) {
    this(request, scored, drawn, Source.STEP, failure);
  }

  /**
   * @param from index of the prompt's token that {@code logprobs} begin with
   */
  record Scored(int from, float[] logprobs) {}

  /**
   * @param likeliest the tokens to report beside it, or null if none were asked for
   */
  record Drawn(TokenLogprob token, List<TokenLogprob> likeliest) {}
}
