package io.qwark.engine;

import io.qwark.engine.api.EngineOptions;
import io.qwark.engine.api.Placement;
import io.qwark.engine.api.UserException;
import io.qwark.engine.cuda.CardMemory;
import io.qwark.engine.cuda.CudaCard;
import java.util.Locale;
import java.util.function.Supplier;

/**
 * How the memory of a replica's device is shared out, in bytes.
 *
 * @param memory that the replica may take
 * @param weights that its weights take
 * @param workspace that is kept for what a step computes; on the CPU it is not set apart
 * @param cacheShare part of the rest that the KV cache may have
 * @param remedy what gives the cache more, as the end of a sentence
 */
record MemoryPlan(long memory, long weights, long workspace, double cacheShare, String remedy) {
  /** On the CPU others want memory, too: Spark, the heap, a step's tensors. */
  static final double CPU_CACHE_SHARE = 0.4;

  /**
   * What is free of a card is not taken to the last byte: libtorch's allocator leaves gaps, and the
   * code of kernels is brought onto the card when they are first used.
   */
  private static final double MOST_OF_FREE = 0.95;

  /** A cache for fewer tokens is taken for none. */
  private static final int LEAST_TOKENS = 16;

  static MemoryPlan onCpu(HostMemory host, Placement placement, long weights) {
    return new MemoryPlan(
        Math.min(host.free(), (long) (host.total() * placement.share())),
        weights,
        0,
        CPU_CACHE_SHARE,
        "give the executor more memory");
  }

  /**
   * @param now what the card has
   * @param smaller tells of quantizations whose weights would leave room; empty if none would
   * @throws UserException if weights and workspace leave no room for a KV cache
   */
  static MemoryPlan onCard(
      CudaCard card,
      CardMemory now,
      EngineOptions options,
      long weights,
      long workspace,
      long cacheBytesPerToken,
      Supplier<String> smaller) {
    double utilization = options.gpuMemoryUtilization();
    long memory = mayTake(now, utilization);
    MemoryPlan plan =
        new MemoryPlan(
            memory, weights, workspace, 1, "raise `gpu_memory_utilization`, or use a larger GPU");
    if (plan.cacheBytes() < LEAST_TOKENS * cacheBytesPerToken) {
      String others = smaller.get();
      throw new UserException(
          "Cannot place the model on " + card.device() + ", " + card.name(),
          "its weights take %s and a step %s, and it may take %s of %s there (%s free,"
                  .formatted(
                      gib(weights), gib(workspace), gib(memory), gib(now.total()), gib(now.free()))
              + " gpu_memory_utilization "
              + utilization
              + ")",
          (others.isEmpty() ? "Use" : "Set `quantization` to " + others + ", use")
              + " a GPU with more free memory, or lower `max_num_batched_tokens` and"
              + " `max_num_seqs`, which a step's part comes from");
    }
    return plan;
  }

  /** Bytes that a replica may take of a card. */
  static long mayTake(CardMemory now, double utilization) {
    return Math.min((long) (now.total() * utilization), (long) (now.free() * MOST_OF_FREE));
  }

  /** Bytes that the KV cache may have. */
  long cacheBytes() {
    return Math.max(0, (long) ((memory - weights - workspace) * cacheShare));
  }

  static String gib(long bytes) {
    return String.format(Locale.ROOT, "%.1f GiB", bytes / (double) (1L << 30));
  }
}
