package io.qwark.engine;

import io.qwark.engine.api.EngineOptions;
import io.qwark.engine.api.Quantization;
import io.qwark.engine.api.UserException;
import io.qwark.engine.checkpoint.ModelConfig;
import io.qwark.engine.torch.Backend;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Decides how many tokens a replica's KV cache holds. */
final class CachePlan {
  private static final Logger LOG = LoggerFactory.getLogger(CachePlan.class);

  /** Part of the free memory that an unsized cache may grow to. */
  private static final double SHARE = 0.4;

  private static final Path MEMINFO = Path.of("/proc/meminfo");
  private static final Path CGROUP_MAX = Path.of("/sys/fs/cgroup/memory.max");
  private static final Path CGROUP_CURRENT = Path.of("/sys/fs/cgroup/memory.current");

  private CachePlan() {}

  /** What an engine may be asked for, with these options, on this machine. */
  static EngineLimits limits(
      EngineOptions options, ModelConfig config, Backend backend, long parameters) {
    int context = contextLength(options, config);
    long weights = parameters * (options.quantization() == Quantization.FLOAT32 ? 4L : 1L);
    int tokens =
        cacheTokens(options, context, backend.cacheBytesPerToken(config), freeMemory() - weights);
    if (tokens < context) {
      LOG.warn(
          "The KV cache holds {} tokens, fewer than the model's context of {}: prompt and output"
              + " together are limited to that. Set max_model_len to what is needed, or give the"
              + " executor more memory.",
          tokens,
          context);
    }
    return new EngineLimits(
        config.vocabSize(),
        context,
        tokens,
        options.maxNumSeqs(),
        options.maxNumBatchedTokens(),
        options.enablePrefixCaching(),
        options.speculative());
  }

  /** Longest prompt plus output that is asked for, in tokens. */
  static int contextLength(EngineOptions options, ModelConfig config) {
    int trained = config.maxPositionEmbeddings();
    if (options.maxModelLen() == null) {
      return trained;
    }
    if (options.maxModelLen() > trained) {
      throw new UserException(
          "Cannot give the model a context of " + options.maxModelLen() + " tokens",
          "its max_position_embeddings is " + trained,
          "Lower `max_model_len`");
    }
    return options.maxModelLen();
  }

  /**
   * What the user says, or else what the free memory allows, but no more than all samples could
   * use.
   *
   * @param bytesPerToken of keys and values of all layers
   * @param freeMemory bytes that the cache has for itself and others
   */
  static int cacheTokens(
      EngineOptions options, int contextLength, long bytesPerToken, long freeMemory) {
    long useful = (long) options.maxNumSeqs() * contextLength;
    long most = Math.min(Integer.MAX_VALUE - 1, useful);
    if (options.kvCacheTokens() != null) {
      return (int) Math.min(most, options.kvCacheTokens());
    }
    long affordable = Math.max(0, (long) (freeMemory * SHARE) / bytesPerToken);
    int tokens = (int) Math.min(most, affordable);
    if (options.maxModelLen() != null && tokens < options.maxModelLen()) {
      throw new UserException(
          "Cannot give the model a context of " + options.maxModelLen() + " tokens",
          "its KV cache takes "
              + bytesPerToken
              + " bytes a token, and the free memory allows "
              + tokens
              + " tokens",
          "Lower `max_model_len`, set `kv_cache_tokens`, or give the executor more memory");
    }
    return Math.max(1, tokens);
  }

  /** Bytes that may still be used on this machine or in this container. */
  static long freeMemory() {
    try {
      long free = Files.exists(MEMINFO) ? available() : Runtime.getRuntime().maxMemory();
      if (Files.exists(CGROUP_MAX) && Files.exists(CGROUP_CURRENT)) {
        String max = Files.readString(CGROUP_MAX).strip();
        if (!max.equals("max")) {
          long used = Long.parseLong(Files.readString(CGROUP_CURRENT).strip());
          free = Math.min(free, Math.max(0, Long.parseLong(max) - used));
        }
      }
      return free;
    } catch (IOException e) {
      return Runtime.getRuntime().maxMemory();
    }
  }

  private static long available() throws IOException {
    return Files.readAllLines(MEMINFO).stream()
        .filter(line -> line.startsWith("MemAvailable:"))
        .mapToLong(line -> 1024 * Long.parseLong(line.replaceAll("\\D", "")))
        .findFirst()
        .orElseGet(() -> Runtime.getRuntime().maxMemory());
  }
}
