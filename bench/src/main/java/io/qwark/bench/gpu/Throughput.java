package io.qwark.bench.gpu;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.qwark.bench.Arguments;
import io.qwark.engine.LocalModel;
import io.qwark.engine.LocalModelFactory;
import io.qwark.engine.api.EngineOptions;
import io.qwark.engine.api.Placement;
import io.qwark.engine.api.Quantization;
import java.io.File;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Measures loads with one quantization, in a process of its own, within a time. */
final class Throughput {
  private static final String USAGE =
      "Throughput --model FOLDER --quantization NAME --device cpu|cuda:N --seconds N --json FILE"
          + " [--concurrency 1,8,64,256,512] [--input 128,1024] [--output 1024]"
          + " [--max-num-batched-tokens 8192]";

  /** Loads that would have less are left out. */
  private static final double LEAST_SECONDS = 1;

  private static final ObjectMapper JSON = new ObjectMapper();

  private Throughput() {}

  public static void main(String[] args) {
    Arguments.run(
        args,
        USAGE,
        arguments -> {
          Budget budget = new Budget(arguments.integer("seconds"), System::nanoTime);
          String model = arguments.required("model");
          Quantization quantization = Quantization.of(arguments.required("quantization"));
          String device = arguments.required("device");
          List<Integer> concurrency = arguments.integers("concurrency", "1,8,64,256,512");
          List<Integer> inputs = arguments.integers("input", "128,1024");
          int output = arguments.integer("output", 1024);
          int batched = arguments.integer("max-num-batched-tokens", 8192);
          File json = new File(arguments.required("json"));
          arguments.requireAllUsed();
          int longest = inputs.stream().mapToInt(Integer::intValue).max().orElseThrow() + output;
          int most = concurrency.stream().mapToInt(Integer::intValue).max().orElseThrow();
          EngineOptions options =
              EngineOptions.builder(model, quantization)
                  .maxModelLen(longest)
                  .maxNumSeqs(most)
                  .maxNumBatchedTokens(Math.max(batched, most))
                  .weightsCache(EngineOptions.NO_WEIGHTS_CACHE)
                  .enablePrefixCaching(false)
                  .build();
          measure(options, device, Load.all(concurrency, inputs, output), budget, json);
        });
  }

  private static void measure(
      EngineOptions options, String device, List<Load> loads, Budget budget, File json)
      throws IOException {
    Placement placement = new Placement(device, Runtime.getRuntime().availableProcessors());
    List<LoadResult> results = new ArrayList<>();
    List<String> leftOut = new ArrayList<>();
    Map<String, Object> report = new LinkedHashMap<>();
    try (LocalModel model = (LocalModel) new LocalModelFactory(options).load(placement)) {
      report.put("model", model.info());
      report.put("max_num_batched_tokens", options.maxNumBatchedTokens());
      report.put("results", results);
      report.put("left_out", leftOut);
      LoadRunner runner = new LoadRunner(model);
      // Libraries choose their kernels and Java compiles what runs often.
      runner.run(new Load(options.maxNumSeqs(), 32, 64), budget.left() / 8);
      for (int i = 0; i < loads.size(); i++) {
        Load load = loads.get(i);
        double seconds =
            budget.first(loads.subList(i, loads.size()).stream().map(Load::weight).toList());
        LoadResult result = seconds < LEAST_SECONDS ? null : runner.run(load, seconds);
        if (result == null) {
          leftOut.add(load.name());
        } else {
          results.add(result);
          System.err.printf("%s: %,.0f tokens/s%n", load.name(), result.tokensPerS());
        }
        report.put("stats", model.stats());
        // Whatever happens afterwards, this much is there.
        JSON.writeValue(json, report);
      }
    }
  }
}
