package io.qwark.engine;

import io.qwark.engine.api.Completion;
import io.qwark.engine.api.FinishReason;
import io.qwark.engine.api.Request;
import io.qwark.engine.api.SamplingParams;
import io.qwark.engine.api.Timings;
import io.qwark.engine.api.TokenLogprob;
import io.qwark.engine.model.AheadRow;
import io.qwark.engine.sample.Candidates;
import io.qwark.engine.sample.PenaltyState;
import io.qwark.engine.sample.RandomStream;
import io.qwark.engine.sample.Sampler;
import io.qwark.engine.schedule.Run;
import io.qwark.engine.schedule.Sequence;
import io.qwark.engine.schedule.Shortcut;
import io.qwark.engine.text.IncrementalDecoder;
import io.qwark.engine.text.StopMatcher;
import io.qwark.engine.text.Tokenizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/** A request on its way through the engine, used by the engine's thread alone. */
final class ActiveRequest {
  private final SamplingParams params;
  private final CompletableFuture<Completion> result;
  private final Sequence sequence;
  private final RandomStream random;
  private final PenaltyState penalties;
  private final Set<Integer> stopTokens;
  private final IncrementalDecoder decoder;
  private final StopMatcher stopMatcher;
  private final List<Float> logprobs = new ArrayList<>();
  private final List<List<TokenLogprob>> topLogprobs = new ArrayList<>();
  private final float[] promptLogprobs;
  private final long submitted = System.nanoTime();
  private long started;
  private long firstToken;

  ActiveRequest(
      Request request, int maxModelLen, Tokenizer tokenizer, CompletableFuture<Completion> result) {
    int[] prompt = request.promptTokenIds();
    this.params = request.params();
    this.result = result;
    this.sequence =
        new Sequence(
            prompt,
            (int) Math.min(maxModelLen, (long) prompt.length + params.maxTokens()),
            shortcuts(params));
    this.random = RandomStream.of(params.seed(), prompt, request.sampleIndex());
    this.penalties = params.penalized() ? new PenaltyState(params, prompt) : null;
    this.stopTokens = new HashSet<>(params.stopTokenIds());
    boolean watchesText = !params.stop().isEmpty();
    this.decoder = watchesText ? tokenizer.decoder(true) : null;
    this.stopMatcher = watchesText ? new StopMatcher(params.stop()) : null;
    this.promptLogprobs = params.promptLogprobs() ? new float[prompt.length] : null;
    if (promptLogprobs != null) {
      Arrays.fill(promptLogprobs, Float.NaN);
    }
  }

  private static Set<Shortcut> shortcuts(SamplingParams params) {
    Set<Shortcut> allowed = EnumSet.allOf(Shortcut.class);
    if (params.promptLogprobs()) {
      allowed.remove(Shortcut.PREFIX_REUSE);
    }
    if (params.penalized()) {
      allowed.remove(Shortcut.DRAFTS);
    }
    if (params.penalized() || params.logprobs() > 0 || !Sampler.shortlistServes(params)) {
      allowed.remove(Shortcut.STEPS_AHEAD);
    }
    return allowed;
  }

  Sequence sequence() {
    return sequence;
  }

  SamplingParams params() {
    return params;
  }

  CompletableFuture<Completion> result() {
    return result;
  }

  /** Null if no penalty was asked for. */
  PenaltyState penalties() {
    return penalties;
  }

  void started() {
    if (started == 0) {
      started = System.nanoTime();
    }
  }

  boolean needsPromptLogprobs() {
    return promptLogprobs != null;
  }

  /** What the model is to decode of it by itself. */
  AheadRow ahead(Run run) {
    double[] random = new double[params.greedy() ? 0 : 1 + run.ahead()];
    Arrays.setAll(random, this::uniform);
    return new AheadRow(
        sequence.token(run.from()),
        run.from(),
        run.start(),
        1 + run.ahead(),
        params,
        params.stopTokenIds().stream().mapToInt(Integer::intValue).toArray(),
        random);
  }

  /**
   * A token to come, which is not taken up yet.
   *
   * @param ahead tokens before it that are not taken up yet either
   */
  TokenLogprob choose(Candidates candidates, int ahead) {
    return Sampler.choose(candidates, params, uniform(ahead));
  }

  /** The same from the best candidates alone, see {@link Sampler#chooseFromBest}. */
  TokenLogprob chooseFromBest(Candidates best, double logSumExp, int ahead) {
    return Sampler.chooseFromBest(best, logSumExp, params, uniform(ahead));
  }

  private double uniform(int ahead) {
    return random.uniform(sequence.generated() + ahead);
  }

  /**
   * Takes up what a step found, which is no failure.
   *
   * @return the completion if that ends the request, else null
   */
  Completion take(Outcome outcome) {
    if (outcome.scored() != null) {
      float[] found = outcome.scored().logprobs();
      System.arraycopy(found, 0, promptLogprobs, outcome.scored().from(), found.length);
    }
    if (outcome.source() != Outcome.Source.STEP && !outcome.drawn().isEmpty()) {
      sequence.computedAhead(
          outcome.drawn().stream()
              .limit(outcome.drawn().size() - 1L)
              .mapToInt(drawn -> drawn.token().tokenId())
              .toArray());
    }
    for (Outcome.Drawn drawn : outcome.drawn()) {
      Completion completion = advance(drawn.token(), drawn.likeliest());
      if (completion != null) {
        return completion;
      }
    }
    if (outcome.source() == Outcome.Source.AHEAD_UNDECIDED) {
      sequence.undecided();
    }
    return null;
  }

  private Completion advance(TokenLogprob next, List<TokenLogprob> likeliest) {
    if (firstToken == 0) {
      firstToken = System.nanoTime();
    }
    int token = next.tokenId();
    sequence.append(token);
    if (penalties != null) {
      penalties.generated(token);
    }
    if (likeliest != null) {
      logprobs.add(next.logprob());
      topLogprobs.add(likeliest);
    }
    if (stopTokens.contains(token)) {
      return completion(FinishReason.STOP, true, null);
    }
    if (stopMatcher != null && stopMatcher.add(decoder.add(token))) {
      return completion(FinishReason.STOP, false, stopMatcher.text());
    }
    return sequence.full() ? completion(FinishReason.LENGTH, false, null) : null;
  }

  private Completion completion(FinishReason reason, boolean stoppedByToken, String text) {
    long now = System.nanoTime();
    boolean withLogprobs = params.logprobs() != SamplingParams.NO_LOGPROBS;
    return new Completion(
        sequence.output(),
        reason,
        stoppedByToken,
        text,
        withLogprobs ? floats(logprobs) : null,
        withLogprobs ? topLogprobs : null,
        promptLogprobs,
        new Timings(
            millis(started - submitted), millis(firstToken - submitted), millis(now - submitted)));
  }

  private static float[] floats(List<Float> values) {
    float[] floats = new float[values.size()];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = values.get(i);
    }
    return floats;
  }

  private static double millis(long nanos) {
    return nanos / 1e6;
  }
}
