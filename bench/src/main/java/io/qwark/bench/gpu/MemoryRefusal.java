package io.qwark.bench.gpu;

import io.qwark.engine.LocalModelFactory;
import io.qwark.engine.api.EngineOptions;
import io.qwark.engine.api.Placement;
import io.qwark.engine.api.Quantization;
import io.qwark.engine.api.UserException;
import java.nio.file.Path;

/** A cache that no card has the memory for is refused with a message, not with a crash. */
final class MemoryRefusal {
  private static final String WAY = "a cache beyond all memory";
  private static final long TOKENS = 2_000_000_000;

  private MemoryRefusal() {}

  static Verdict provoke(Path folder, String device) {
    EngineOptions options =
        EngineOptions.builder(folder.toString(), Quantization.BFLOAT16)
            .kvCacheTokens(TOKENS)
            .weightsCache(EngineOptions.NO_WEIGHTS_CACHE)
            .build();
    Placement placement = new Placement(device, Runtime.getRuntime().availableProcessors());
    try {
      new LocalModelFactory(options).load(placement).close();
      return Verdict.failed(
          TinyModels.WITH_TOKENIZER, WAY, new IllegalStateException("it was not refused"));
    } catch (UserException e) {
      return new Verdict(
          TinyModels.WITH_TOKENIZER, WAY, Verdict.Outcome.PASSED, null, e.getMessage());
    } catch (RuntimeException e) {
      return Verdict.failed(TinyModels.WITH_TOKENIZER, WAY, e);
    }
  }
}
