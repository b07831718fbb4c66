package io.qwark.udf.testing;

import io.qwark.engine.api.ChatMessage;
import io.qwark.engine.api.Completion;
import io.qwark.engine.api.ErrorCode;
import io.qwark.engine.api.FinishReason;
import io.qwark.engine.api.Generation;
import io.qwark.engine.api.GenerationDefaults;
import io.qwark.engine.api.ModelInfo;
import io.qwark.engine.api.Placement;
import io.qwark.engine.api.Prompt;
import io.qwark.engine.api.RequestException;
import io.qwark.engine.api.SamplingOptions;
import io.qwark.engine.api.SamplingParams;
import io.qwark.engine.api.TextModel;
import io.qwark.engine.api.Timings;
import io.qwark.engine.api.TokenLogprob;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A model whose prompts say what is to happen: {@code delay=20} answers after so many milliseconds,
 * {@code after=9} when 9 others have been answered, {@code never} does not answer, {@code
 * fail=PROMPT_TOO_LONG} fails with that code, {@code throw} throws out of submit and {@code die}
 * fails with an Error, {@code restart} counts as one, {@code exhaust} as memory that ran out,
 * {@code ruin=cuda:0} makes the model on that device fail for good. Any other prompt is answered at
 * once. The text is a function of prompt, sample index and seed.
 */
public final class ScriptedModel implements TextModel {
  private static final Map<String, Counts> COUNTS = new ConcurrentHashMap<>();
  private static final Pattern DELAY = Pattern.compile("delay=(\\d+)");
  private static final Pattern AFTER = Pattern.compile("after=(\\d+)");
  private static final Pattern RUIN = Pattern.compile("ruin=([\\w:]+)");
  private static final Pattern FAIL = Pattern.compile("fail=(\\w+)");

  private final ScriptedFactory factory;
  private final Placement placement;
  private final Counts counts;
  private final AtomicInteger restarts = new AtomicInteger();
  private final AtomicInteger outOfMemory = new AtomicInteger();
  private volatile boolean ruined;
  private final Set<CompletableFuture<Generation>> underWay = ConcurrentHashMap.newKeySet();
  private final ScheduledExecutorService clock =
      Executors.newSingleThreadScheduledExecutor(
          task -> {
            Thread thread = new Thread(task, "scripted-model");
            thread.setDaemon(true);
            return thread;
          });

  /** What happened in this process to the models of one name. */
  public static final class Counts {
    public final AtomicInteger loads = new AtomicInteger();
    public final AtomicInteger closes = new AtomicInteger();
    public final AtomicInteger submitted = new AtomicInteger();
    public final AtomicInteger underWay = new AtomicInteger();
    public final AtomicInteger mostUnderWay = new AtomicInteger();
    public final AtomicInteger answered = new AtomicInteger();
    public final AtomicInteger cancelled = new AtomicInteger();
  }

  public static Counts counts(String name) {
    return COUNTS.computeIfAbsent(name, absent -> new Counts());
  }

  ScriptedModel(ScriptedFactory factory, Placement placement, Counts counts) {
    this.factory = factory;
    this.placement = placement;
    this.counts = counts;
  }

  @Override
  public ModelInfo info() {
    return new ModelInfo(
        factory.name(),
        "Scripted",
        1,
        "none",
        "float32",
        "float32",
        "stock",
        "float32",
        placement.device(),
        placement.processors(),
        1024,
        4096,
        factory.loadMs());
  }

  @Override
  public int maxNumSeqs() {
    return factory.maxNumSeqs();
  }

  @Override
  public int restarts() {
    return restarts.get();
  }

  @Override
  public int outOfMemory() {
    return outOfMemory.get();
  }

  @Override
  public boolean hasFailed() {
    return ruined;
  }

  @Override
  public SamplingParams resolve(SamplingOptions options) {
    return options.resolve(GenerationDefaults.none(List.of()));
  }

  @Override
  public CompletableFuture<Generation> submit(
      Prompt prompt, int sampleIndex, SamplingParams params) {
    String text = text(prompt);
    if (text.contains("throw")) {
      throw new IllegalStateException("thrown by submit");
    }
    if (text.contains("restart")) {
      restarts.incrementAndGet();
    }
    if (text.contains("exhaust")) {
      outOfMemory.incrementAndGet();
    }
    CompletableFuture<Generation> future = new CompletableFuture<>();
    counts.submitted.incrementAndGet();
    counts.mostUnderWay.accumulateAndGet(counts.underWay.incrementAndGet(), Math::max);
    underWay.add(future);
    var unused =
        future.whenComplete(
            (generation, failure) -> {
              if (future.isCancelled() && ends(future)) {
                counts.cancelled.incrementAndGet();
              }
            });
    answer(future, text, sampleIndex, params);
    return future;
  }

  private void answer(
      CompletableFuture<Generation> future, String text, int sampleIndex, SamplingParams params) {
    Matcher fail = FAIL.matcher(text);
    Matcher delay = DELAY.matcher(text);
    Matcher after = AFTER.matcher(text);
    if (fail.find()) {
      ErrorCode code = ErrorCode.valueOf(fail.group(1));
      fail(future, new RequestException(code, "as scripted"));
    } else if (ruined || ruins(text)) {
      ruined = true;
      RequestException lost = new RequestException(ErrorCode.REPLICA_LOST, "ruined as scripted");
      underWay.forEach(one -> fail(one, lost));
    } else if (text.contains("die")) {
      fail(future, new OutOfMemoryError("as scripted"));
    } else if (delay.find()) {
      var unused =
          clock.schedule(
              () -> succeed(future, generation(text, sampleIndex, params)),
              Long.parseLong(delay.group(1)),
              TimeUnit.MILLISECONDS);
    } else if (after.find()) {
      int others = Integer.parseInt(after.group(1));
      answerAfter(others, () -> succeed(future, generation(text, sampleIndex, params)));
    } else if (!text.contains("never")) {
      succeed(future, generation(text, sampleIndex, params));
    }
  }

  private boolean ruins(String text) {
    Matcher ruin = RUIN.matcher(text);
    return ruin.find() && ruin.group(1).equals(placement.device());
  }

  // Counted before the caller is told, who may submit the next sample at once.
  private void succeed(CompletableFuture<Generation> future, Generation generation) {
    if (ends(future)) {
      counts.answered.incrementAndGet();
      future.complete(generation);
    }
  }

  private void fail(CompletableFuture<Generation> future, Throwable failure) {
    if (ends(future)) {
      future.completeExceptionally(failure);
    }
  }

  private boolean ends(CompletableFuture<Generation> future) {
    boolean was = underWay.remove(future);
    if (was) {
      counts.underWay.decrementAndGet();
    }
    return was;
  }

  private void answerAfter(int others, Runnable answer) {
    if (counts.answered.get() >= others) {
      answer.run();
    } else {
      var unused = clock.schedule(() -> answerAfter(others, answer), 5, TimeUnit.MILLISECONDS);
    }
  }

  private static String text(Prompt prompt) {
    if (prompt instanceof Prompt.Text plain) {
      return plain.text();
    }
    if (prompt instanceof Prompt.Tokens tokens) {
      return Arrays.toString(tokens.ids());
    }
    StringBuilder text = new StringBuilder();
    for (ChatMessage message : ((Prompt.Chat) prompt).messages()) {
      text.append(message.role()).append(':').append(message.content());
      text.append(message.reasoningContent() == null ? "" : "?" + message.reasoningContent());
      text.append(message.toolCalls().isEmpty() ? "" : message.toolCalls()).append(';');
    }
    return text.toString();
  }

  private static Generation generation(String prompt, int sampleIndex, SamplingParams params) {
    String text = prompt + " -> " + sampleIndex + "/" + params.seed();
    int[] tokens = {prompt.length(), sampleIndex, 7};
    boolean wanted = params.logprobs() != SamplingParams.NO_LOGPROBS;
    List<TokenLogprob> best = List.of(new TokenLogprob(7, -0.25f), new TokenLogprob(8, -2f));
    Completion completion =
        new Completion(
            tokens,
            FinishReason.STOP,
            true,
            null,
            wanted ? new float[] {-0.5f, -1f, -1.5f} : null,
            wanted ? List.of(best, best, List.of()) : null,
            params.promptLogprobs() ? new float[] {Float.NaN, -3f} : null,
            new Timings(1, 2, 3));
    return new Generation(text, null, text, prompt.length(), completion);
  }

  @Override
  public void close() {
    counts.closes.incrementAndGet();
    // For tests that see another process by its output alone.
    System.out.println(factory.name() + " closed on " + placement.device());
    clock.shutdownNow();
    RequestException closed = new RequestException(ErrorCode.CANCELLED, "closed");
    underWay.forEach(future -> fail(future, closed));
  }
}
