package io.qwark.bench;

import ai.djl.engine.Engine;
import io.qwark.engine.LocalModelFactory;
import io.qwark.engine.api.EngineOptions;
import io.qwark.engine.api.Generation;
import io.qwark.engine.api.Kernels;
import io.qwark.engine.api.ModelInfo;
import io.qwark.engine.api.Placement;
import io.qwark.engine.api.TextModel;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * The engine as one side of the comparison, in a process of its own. Like {@code llama_bench.c}, it
 * prints a line that starts with {@code ready} and answers each {@link Job} with one that starts
 * with {@code result}. Samples are greedy, as over there.
 */
final class OurSide {
  private static final String USAGE =
      "OurSide --model FOLDER [--quantization int8] [--lm-head-quantization auto]"
          + " [--kv-cache-dtype auto] --threads N --kernels NAME"
          + " --weights-cache FOLDER --prefix-caching ON|OFF --kv-cache-tokens N --max-model-len N --max-num-seqs N"
          + " --max-num-batched-tokens N";

  private OurSide() {}

  private static final int ATTEMPTS = 5;

  public static void main(String[] args) {
    Arguments.run(
        args,
        USAGE,
        arguments -> {
          EngineOptions options =
              HeldAs.of(arguments)
                  .options(arguments.required("model"))
                  .threads(arguments.integer("threads"))
                  .kernels(Kernels.of(arguments.required("kernels")))
                  .weightsCache(arguments.required("weights-cache"))
                  .kvCacheTokens((long) arguments.integer("kv-cache-tokens"))
                  .enablePrefixCaching(
                      Side.PrefixCaching.valueOf(arguments.required("prefix-caching"))
                          == Side.PrefixCaching.ON)
                  .maxModelLen(arguments.integer("max-model-len"))
                  .maxNumSeqs(arguments.integer("max-num-seqs"))
                  .maxNumBatchedTokens(arguments.integer("max-num-batched-tokens"))
                  .build();
          arguments.requireAllUsed();
          try (TextModel model = new LocalModelFactory(options).load(Placement.cpu())) {
            ModelInfo info = model.info();
            System.out.printf(
                "ready load_ms=%.1f lm_head_quantization=%s kernels=%s kv_cache_dtype=%s"
                    + " kv_cache_tokens=%d parameters=%d libtorch=%s%n",
                info.loadMs(),
                info.lmHeadQuantization(),
                info.kernels(),
                info.kvCacheDtype(),
                info.kvCacheTokens(),
                info.parameters(),
                Engine.getEngine("PyTorch").getVersion());
            answer(new Together(model, true));
          }
        });
  }

  private static void answer(Together together) throws IOException {
    BufferedReader jobs =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = jobs.readLine(); line != null; line = jobs.readLine()) {
      Job job = Job.parse(line);
      long begun = System.nanoTime();
      List<Generation> generations =
          job.kind() == Job.Kind.DECODE
              ? startedTogether(together, job)
              : together.runAtOnce(job.requests());
      double elapsed = (System.nanoTime() - begun) / 1e6;
      double ms =
          switch (job.kind()) {
            case DECODE -> Together.decodeMs(generations);
            case PREFILL -> Together.prefillMs(generations);
            case MIXED -> elapsed;
          };
      System.out.printf(
          "result seconds=%.6f first=%d stopped=false%n",
          ms / 1000, generations.get(0).completion().tokenIds()[0]);
    }
  }

  /** The engine now and then begins with some of the requests before the others are there. */
  private static List<Generation> startedTogether(Together together, Job job) {
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      List<Generation> generations = together.run(job.requests());
      if (Together.startedTogether(generations)) {
        return generations;
      }
    }
    throw new IllegalStateException(
        "In " + ATTEMPTS + " attempts the samples did not start in the same step");
  }
}
