package io.qwark.engine;

import io.qwark.engine.api.EngineOptions;
import io.qwark.engine.api.Quantization;
import io.qwark.engine.api.UserException;
import io.qwark.engine.checkpoint.ModelConfig;
import io.qwark.engine.cuda.CardMemory;
import io.qwark.engine.cuda.CudaCard;
import java.util.Locale;
import java.util.stream.Collectors;

/** Whether a model can stand on a card, and what its KV cache gets there. */
final class CardPlan {
  /** A cache for fewer tokens is of no use. */
  private static final int LEAST_TOKENS = 16;

  private final EngineOptions options;
  private final ModelConfig config;
  private final long parameters;
  private final CudaCard card;
  private final CardMemory now;

  /**
   * @param now what the card has and what is free of it
   */
  CardPlan(
      EngineOptions options, ModelConfig config, long parameters, CudaCard card, CardMemory now) {
    this.options = options;
    this.config = config;
    this.parameters = parameters;
    this.card = card;
    this.now = now;
  }

  /**
   * @throws UserException if the card is too old or its memory too small
   */
  MemoryPlan share(Footprint footprint) {
    footprint.requireServedBy(card);
    long memory = now.mayTake(options.gpuMemoryUtilization());
    long cacheBytes = memory - footprint.weightBytes() - footprint.workspaceBytes();
    if (cacheBytes < LEAST_TOKENS * footprint.cacheBytesPerToken()) {
      throw tooSmall(footprint);
    }
    requireRoomFor(options.kvCacheTokens(), footprint, cacheBytes);
    return new MemoryPlan(
        memory, cacheBytes, "raise `gpu_memory_utilization`, or use a GPU with more free memory");
  }

  private void requireRoomFor(Long tokens, Footprint footprint, long cacheBytes) {
    long most = cacheBytes / footprint.cacheBytesPerToken();
    if (tokens != null && tokens > most) {
      throw new UserException(
          "Cannot make a KV cache of %,d tokens on ".formatted(tokens) + card.title(),
          "each takes %,d bytes, and %s beside weights and a step's tensors hold %,d"
              .formatted(footprint.cacheBytesPerToken(), gib(cacheBytes), most),
          "Lower `kv_cache_tokens` or leave it out, or raise `gpu_memory_utilization`");
    }
  }

  private UserException tooSmall(Footprint footprint) {
    String others =
        Footprint.FOR_GPUS.stream()
            .filter(quantization -> fits(quantization, footprint))
            .map(Quantization::wireName)
            .collect(Collectors.joining(" or "));
    return new UserException(
        "Cannot place the model on " + card.title(),
        ("its weights take %s in %s and the tensors of a step %s, but it may take %s there: %s of"
                + " %s are free, and gpu_memory_utilization is %s")
            .formatted(
                gib(footprint.weightBytes()),
                footprint.quantization().wireName(),
                gib(footprint.workspaceBytes()),
                gib(now.mayTake(options.gpuMemoryUtilization())),
                gib(now.free()),
                gib(now.total()),
                options.gpuMemoryUtilization()),
        (others.isEmpty() ? "Use" : "Set `quantization` to " + others + ", use")
            + " a GPU with more free memory, or lower `max_num_batched_tokens` and `max_num_seqs`,"
            + " which make steps large");
  }

  /** Whether less precise weights would fit. */
  private boolean fits(Quantization quantization, Footprint wanted) {
    if (!Footprint.serves(card, quantization)) {
      return false;
    }
    try {
      Footprint other = Footprint.of(options, quantization, card.device(), config, parameters);
      return other.weightBytes() < wanted.weightBytes()
          && other.weightBytes()
                  + other.workspaceBytes()
                  + LEAST_TOKENS * other.cacheBytesPerToken()
              <= now.mayTake(options.gpuMemoryUtilization());
    } catch (UserException e) {
      // Its shapes do not suit.
      return false;
    }
  }

  private static String gib(long bytes) {
    return String.format(Locale.ROOT, "%.2f GiB", bytes / (double) (1L << 30));
  }
}
