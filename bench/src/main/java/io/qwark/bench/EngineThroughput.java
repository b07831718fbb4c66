package io.qwark.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.qwark.engine.LocalModelFactory;
import io.qwark.engine.api.EngineOptions;
import io.qwark.engine.api.ModelInfo;
import io.qwark.engine.api.Placement;
import io.qwark.engine.api.TextModel;
import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Measures how fast a model folder loads, reads prompts and writes tokens. */
final class EngineThroughput {
  private static final String USAGE =
      "EngineThroughput --model FOLDER [--quantization int8] [--lm-head-quantization auto]"
          + " [--kv-cache-dtype auto] [--threads N] [--concurrency 1,8,32] [--input 128] [--output 64] [--prefill 512] [--repeats 3]"
          + " [--decode-steps-ahead N] [--json FILE]";

  /** What is measured: numbers of samples at a time, and tokens. */
  private record Plan(
      List<Integer> concurrency, int input, int output, int prefill, int repeats, int stepsAhead) {
    EngineOptions options(String model, HeldAs held, Integer threads) {
      int most = concurrency.stream().mapToInt(Integer::intValue).max().orElseThrow();
      // All prompts of a decode measurement in one step, so that all samples then go on together.
      int batched = Math.max(EngineOptions.DEFAULT_MAX_NUM_BATCHED_TOKENS, most * (input + 1));
      int longest = Math.max(input + output, prefill + 1);
      long cache = (most + 4L) * (longest + 64);
      return held.options(model)
          .maxModelLen(longest)
          .maxNumSeqs(most + 1)
          .maxNumBatchedTokens(batched)
          .kvCacheTokens(cache)
          .threads(threads)
          .decodeStepsAhead(stepsAhead)
          .build();
    }
  }

  private EngineThroughput() {}

  public static void main(String[] args) {
    Arguments.run(
        args,
        USAGE,
        arguments -> {
          String model = arguments.required("model");
          HeldAs held = HeldAs.of(arguments);
          int threads = arguments.integer("threads", Runtime.getRuntime().availableProcessors());
          Plan plan =
              new Plan(
                  arguments.integers("concurrency", "1,8,32"),
                  arguments.integer("input", 128),
                  arguments.integer("output", 64),
                  arguments.integer("prefill", 512),
                  arguments.integer("repeats", 3),
                  arguments.integer("decode-steps-ahead", 1));
          String json = arguments.optional("json", null);
          arguments.requireAllUsed();
          measure(model, held, threads, plan, json);
        });
  }

  private static void measure(String folder, HeldAs held, int threads, Plan plan, String json)
      throws IOException {
    List<Rate> rates = new ArrayList<>();
    ModelInfo info;
    ProcessMemory loaded;
    try (TextModel model =
        new LocalModelFactory(plan.options(folder, held, threads)).load(Placement.cpu())) {
      info = model.info();
      loaded = ProcessMemory.now();
      System.out.printf(
          "%s: %,d parameters, %s, %d threads; loaded in %.1f s%n",
          Path.of(folder).getFileName(), info.parameters(), held, threads, info.loadMs() / 1000);
      Workload work = new Workload(model);
      for (int batch : plan.concurrency()) {
        add(rates, work.decode(batch, plan.input(), plan.output(), plan.repeats()));
      }
      add(rates, work.prefill(1, plan.prefill(), plan.repeats()));
      add(rates, work.prefill(4, plan.prefill(), plan.repeats()));
    }
    TextTable table = new TextTable("phase", "samples", "tokens/s", "lowest", "highest");
    for (Rate rate : rates) {
      table.row(
          rate.phase(),
          Integer.toString(rate.samples()),
          number(rate.median()),
          number(rate.lowest()),
          number(rate.highest()));
    }
    System.out.print(table);
    ProcessMemory end = ProcessMemory.now();
    System.out.printf(
        "memory in MiB: %,d its own and %,d of mapped files after loading; %,d and %,d at the end;"
            + " peak %,d%n",
        loaded.anonymous(), loaded.mapped(), end.anonymous(), end.mapped(), end.peak());
    if (json != null) {
      write(new File(json), info, threads, plan, rates, loaded, end);
    }
  }

  /** Says at once what is known: the whole takes minutes. */
  private static void add(List<Rate> rates, Rate rate) {
    rates.add(rate);
    System.err.printf(
        "%s, %d at a time: %s tokens/s%n", rate.phase(), rate.samples(), number(rate.median()));
  }

  private static void write(
      File file,
      ModelInfo info,
      int threads,
      Plan plan,
      List<Rate> rates,
      ProcessMemory loaded,
      ProcessMemory end)
      throws IOException {
    Map<String, Object> result = new LinkedHashMap<>();
    result.put("model", info);
    result.put("threads", threads);
    result.put("plan", plan);
    result.put("rates", rates);
    result.put("memory_loaded_mib", loaded);
    result.put("memory_end_mib", end);
    new ObjectMapper().writerWithDefaultPrettyPrinter().writeValue(file, result);
  }

  private static String number(double rate) {
    return rate < 100 ? "%.1f".formatted(rate) : "%,.0f".formatted(rate);
  }
}
