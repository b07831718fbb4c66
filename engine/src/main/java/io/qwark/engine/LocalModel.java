package io.qwark.engine;

import io.qwark.engine.api.Completion;
import io.qwark.engine.api.EngineOptions;
import io.qwark.engine.api.ErrorCode;
import io.qwark.engine.api.Generation;
import io.qwark.engine.api.GenerationDefaults;
import io.qwark.engine.api.ModelInfo;
import io.qwark.engine.api.Placement;
import io.qwark.engine.api.Prompt;
import io.qwark.engine.api.Request;
import io.qwark.engine.api.RequestException;
import io.qwark.engine.api.SamplingOptions;
import io.qwark.engine.api.SamplingParams;
import io.qwark.engine.api.TextModel;
import io.qwark.engine.api.UserException;
import io.qwark.engine.checkpoint.ModelConfig;
import io.qwark.engine.checkpoint.ModelFiles;
import io.qwark.engine.checkpoint.Tensors;
import io.qwark.engine.model.DeviceMemoryException;
import io.qwark.engine.text.ChatTemplate;
import io.qwark.engine.text.Reasoning;
import io.qwark.engine.text.Tokenizer;
import io.qwark.engine.torch.CausalLm;
import io.qwark.engine.torch.TorchRuntime;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** A loaded replica: text to tokens, tokens through the {@link Engine}, tokens to text. */
public final class LocalModel implements TextModel {
  /** The last tokens of a prompt that tell whether it opens the reasoning. */
  private static final int TAIL = 8;

  private final Tokenizer tokenizer;
  private final PromptEncoder encoder;
  private final GenerationDefaults defaults;
  private final Engine engine;
  private final ModelInfo info;
  private final int maxNumSeqs;

  /** Turns tokens into text, so that the engine's thread does not have to. */
  private final ExecutorService texts =
      Executors.newSingleThreadExecutor(
          work -> {
            Thread thread = new Thread(work, "qwark-text");
            thread.setDaemon(true);
            return thread;
          });

  private LocalModel(
      Tokenizer tokenizer,
      PromptEncoder encoder,
      GenerationDefaults defaults,
      Engine engine,
      ModelInfo info,
      int maxNumSeqs) {
    this.tokenizer = tokenizer;
    this.encoder = encoder;
    this.defaults = defaults;
    this.engine = engine;
    this.info = info;
    this.maxNumSeqs = maxNumSeqs;
  }

  static LocalModel load(EngineOptions options, Placement placement) {
    long start = System.nanoTime();
    ModelFiles files = Models.open(options);
    ModelConfig config = files.config();
    GenerationDefaults defaults = files.generationDefaults();
    ChatTemplate template =
        options.chatTemplate() == null
            ? ChatTemplate.recognise(files.chatTemplate())
            : ChatTemplate.of(options.chatTemplate());
    template.checkThinking(options.enableThinking());
    Tensors tensors = files.tensors();
    TorchRuntime.require(placement.device());
    ReplicaPlan plan = ReplicaPlan.of(options, placement, config, tensors);
    EngineLimits limits = plan.limits();
    Tokenizer tokenizer = Tokenizer.of(files.tokenizerJson(), files.path());
    try {
      requireOneVocabulary(tokenizer, config, files);
      if (options.chatTemplate() == null) {
        template.checkMarks(tokenizer);
      }
      Engine engine =
          Engine.start(
              limits,
              tokenizer,
              l -> load(options, placement, config, tensors, plan),
              Duration.ofSeconds(options.stepTimeoutSeconds()));
      ModelInfo info =
          new ModelInfo(
              options.model(),
              config.architecture(),
              plan.parameters(),
              template.wireName(),
              plan.backend().quantization().wireName(),
              plan.backend().lmHead().wireName(),
              plan.kernels().wireName(),
              plan.kvCacheDtype().wireName(),
              placement.device(),
              plan.threads(),
              limits.maxModelLen(),
              limits.cacheTokens(),
              (System.nanoTime() - start) / 1e6);
      PromptEncoder encoder = new PromptEncoder(tokenizer, template, options.enableThinking());
      return new LocalModel(tokenizer, encoder, defaults, engine, info, options.maxNumSeqs());
    } catch (RuntimeException e) {
      tokenizer.close();
      throw e;
    }
  }

  private static CausalLm load(
      EngineOptions options,
      Placement placement,
      ModelConfig config,
      Tensors tensors,
      ReplicaPlan plan) {
    try {
      return CausalLm.load(
          config,
          tensors,
          plan.backend(),
          options.weightsCache(),
          plan.cacheTokens(),
          plan.threads());
    } catch (DeviceMemoryException e) {
      throw new UserException(
          "Cannot load the model onto " + placement.device(),
          "memory ran out: " + e.getMessage(),
          "Lower `kv_cache_tokens` or, on a GPU, `gpu_memory_utilization`, and see whether others"
              + " take the memory",
          e);
    }
  }

  private static void requireOneVocabulary(
      Tokenizer tokenizer, ModelConfig config, ModelFiles files) {
    if (tokenizer.vocabSize() > config.vocabSize()) {
      throw new UserException(
          "Cannot load the model in " + files.path(),
          "its tokenizer has "
              + tokenizer.vocabSize()
              + " tokens and its vocab_size is "
              + config.vocabSize(),
          "Use a model whose tokenizer and config belong together");
    }
  }

  @Override
  public int maxNumSeqs() {
    return maxNumSeqs;
  }

  @Override
  public ModelInfo info() {
    return info;
  }

  /** What the engine has done so far. */
  public EngineStats stats() {
    return engine.stats();
  }

  @Override
  public int restarts() {
    return (int) engine.stats().restarts();
  }

  @Override
  public int outOfMemory() {
    return (int) engine.stats().outOfMemory();
  }

  @Override
  public boolean hasFailed() {
    return engine.hasEnded();
  }

  @Override
  public SamplingParams resolve(SamplingOptions options) {
    return options.resolve(defaults);
  }

  @Override
  public CompletableFuture<Generation> submit(
      Prompt prompt, int sampleIndex, SamplingParams params) {
    int[] tokens;
    try {
      tokens = encoder.encode(prompt);
    } catch (RequestException e) {
      return CompletableFuture.failedFuture(e);
    }
    CompletableFuture<Completion> completion =
        engine.submit(new Request(tokens, sampleIndex, params));
    CompletableFuture<Generation> generation = new CompletableFuture<>();
    CompletableFuture<?> unused =
        completion.whenCompleteAsync(
            (done, failure) -> {
              if (failure != null) {
                generation.completeExceptionally(failure);
              } else {
                complete(generation, tokens, done);
              }
            },
            texts);
    // Cancelling what the caller holds reaches the engine.
    unused =
        generation.whenComplete(
            (done, failure) -> {
              if (generation.isCancelled()) {
                completion.cancel(true);
              }
            });
    return generation;
  }

  private void complete(
      CompletableFuture<Generation> generation, int[] prompt, Completion completion) {
    try {
      generation.complete(generation(prompt, completion));
    } catch (RuntimeException e) {
      generation.completeExceptionally(
          new RequestException(
              ErrorCode.ENGINE_FAILURE, "Cannot turn tokens into text: " + e.getMessage(), e));
    }
  }

  private Generation generation(int[] prompt, Completion completion) {
    String text = completion.text();
    if (text == null) {
      int[] ids = completion.tokenIds();
      int length = ids.length - (completion.stoppedByToken() ? 1 : 0);
      text = tokenizer.decode(Arrays.copyOf(ids, length), true);
    }
    int[] tail = Arrays.copyOfRange(prompt, Math.max(0, prompt.length - TAIL), prompt.length);
    boolean opened = tokenizer.decode(tail, false).stripTrailing().endsWith("<think>");
    Reasoning.Split split = Reasoning.split(text, opened);
    return new Generation(text, split.reasoning(), split.answer(), prompt.length, completion);
  }

  @Override
  public void close() {
    engine.close();
    texts.shutdown();
    tokenizer.close();
  }
}
