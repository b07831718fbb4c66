package io.qwark.bench.gpu;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.qwark.bench.Arguments;
import io.qwark.bench.Repository;
import io.qwark.bench.Shape;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/**
 * The check: builds the binding, holds the device to the CPU's float32 and to Transformers, and
 * measures throughput, all within a time. A part that fails leaves the others alone.
 */
final class GpuCheck {
  private static final String USAGE =
      "GpuCheck --work FOLDER [--device cuda:0] [--python python3] [--shape 4b]"
          + " [--correctness-shape 0.6b] [--quantizations NAME,...]"
          + " [--concurrency 1,8,64,256,512] [--input 128,1024] [--output 1024] [--minutes 9]"
          + " [--json FILE]";

  /** For starting and ending processes, and the report. */
  private static final double RESERVE = 12;

  /** A part that would have less is left out. */
  private static final double LEAST = 15;

  /** Of a part's time, for what follows its own measurements. */
  private static final double TO_END = 5;

  /** Of all time, for each part that prepares the others. */
  private static final double MOST_TO_PREPARE = 0.28;

  private static final double MOST_FOR_CORRECTNESS = 0.2;
  private static final double RATES = 10;

  private static final ObjectMapper JSON = new ObjectMapper();

  private final CheckPlan plan;
  private final Path work;
  private final Parts parts;
  private final Report report;
  private final Budget budget;
  private final double all;

  private GpuCheck(CheckPlan plan, Path work, File json, double minutes) {
    this.plan = plan;
    this.work = work;
    // Shared with nothing, and gone with the folder.
    Map<String, String> environment =
        Map.of(
            "PYTORCH_LIBRARY_PATH", work.resolve("torch").toString(),
            "DJL_CACHE_DIR", work.resolve("djl").toString());
    this.parts = new Parts(work, environment);
    this.report = new Report(plan, json);
    this.all = minutes * 60 - RESERVE;
    this.budget = new Budget(all, System::nanoTime);
  }

  public static void main(String[] args) {
    Arguments.run(
        args,
        USAGE,
        arguments -> {
          Path work = Files.createDirectories(Path.of(arguments.required("work")));
          CheckPlan plan = CheckPlan.of(arguments);
          String json = arguments.optional("json", null);
          int minutes = arguments.integer("minutes", 9);
          arguments.requireAllUsed();
          File file = json == null ? null : new File(json).getAbsoluteFile();
          boolean passed = new GpuCheck(plan, work, file, minutes).run();
          System.exit(passed ? 0 : 1);
        });
  }

  private boolean run() throws IOException {
    CompletableFuture<PartResult> binding = inBackground(this::buildBinding);
    CompletableFuture<PartResult> small = inBackground(() -> writeWeights(plan.small()));
    // After the other: disks are slow.
    CompletableFuture<PartResult> large =
        plan.shape() == plan.small() ? small : small.thenApply(done -> writeWeights(plan.shape()));
    ask("about", PartNames.ABOUT, List.of());
    ask("rates", PartNames.RATES, List.of("--seconds", Double.toString(RATES)));
    File greedy = small.join().isDone() ? askForGreedyTokens() : null;
    PartResult built = binding.join();
    add(built, null, null);
    add(small.join(), null, null);
    if (large != small) {
      add(large.join(), null, null);
    }
    if (built.isDone()) {
      correctness(greedy);
    } else {
      add(PartResult.failed(PartNames.CORRECTNESS, "there is no binding"), null, null);
    }
    throughput(built.isDone() && large.join().isDone());
    return report.finish();
  }

  /** Seconds for a part that may take this much of all time. */
  private double limit(double part) {
    return Math.min(part * all, budget.left());
  }

  private static CompletableFuture<PartResult> inBackground(Supplier<PartResult> part) {
    return CompletableFuture.supplyAsync(part, GpuCheck::inThread);
  }

  private static void inThread(Runnable part) {
    new Thread(part).start();
  }

  private PartResult buildBinding() {
    List<String> command =
        List.of(
            "bash",
            Repository.file("engine/native/build.sh").toString(),
            "--python",
            plan.python(),
            "--java-home",
            System.getProperty("java.home"),
            work.resolve("torch").toString());
    return parts.other(PartNames.BINDING, limit(MOST_TO_PREPARE), command);
  }

  private PartResult writeWeights(Shape shape) {
    return parts.engine(
        PartNames.weights(shape),
        limit(MOST_TO_PREPARE),
        java(
            "io.qwark.bench.RandomCheckpoint",
            List.of("--shape", shape.wireName, "--to", weights(shape).toString())));
  }

  private Path weights(Shape shape) {
    return work.resolve("weights-" + shape.wireName);
  }

  /** The answer, which a failure may have cut short, or null where there is none. */
  private File askForGreedyTokens() throws IOException {
    File texts = work.resolve("texts.json").toFile();
    JSON.writeValue(texts, PeerTask.all(TinyModels.find(), smallName(), weights(plan.small())));
    File answer = ask("greedy", PartNames.GREEDY, List.of("--texts", texts.toString()));
    return answer.exists() ? answer : null;
  }

  private String smallName() {
    return "random " + plan.small().wireName;
  }

  private File ask(String task, String name, List<String> options) throws IOException {
    File answer = answerOf(task);
    PartResult result = parts.other(name, limit(MOST_TO_PREPARE), peer(task, answer, options));
    add(result, task, answer);
    return answer;
  }

  /** Not there: what a check before this one left in the folder says nothing of this one. */
  private File answerOf(String part) throws IOException {
    Path answer = work.resolve(part + ".json");
    Files.deleteIfExists(answer);
    return answer.toFile();
  }

  /**
   * A process for each quantization, all at the same time: models are tiny, and what breaks the
   * card's context for one says nothing of the others.
   *
   * @param greedy tokens of Transformers, or null
   */
  private void correctness(File greedy) throws IOException {
    List<CompletableFuture<Runnable>> running = new ArrayList<>();
    for (String quantization : plan.correctnessSides()) {
      File answer = answerOf("correctness-" + quantization);
      String name = PartNames.correctness(quantization);
      List<String> command = correctnessCommand(quantization, greedy, answer);
      running.add(
          CompletableFuture.supplyAsync(
              () -> {
                PartResult result = parts.engine(name, limit(MOST_FOR_CORRECTNESS), command);
                return () -> add(result, Report.CORRECTNESS, answer);
              },
              GpuCheck::inThread));
    }
    running.forEach(part -> part.join().run());
  }

  private List<String> correctnessCommand(String quantization, File greedy, File answer) {
    List<String> options = new ArrayList<>();
    options.addAll(
        List.of(
            "--device", plan.device(),
            "--json", answer.toString(),
            "--quantizations", quantization));
    if (greedy != null && quantization.equals(CheckPlan.BFLOAT16)) {
      options.addAll(
          List.of(
              "--large-name", smallName(),
              "--large", weights(plan.small()).toString(),
              "--peer", greedy.toString()));
    }
    return java("io.qwark.bench.gpu.Correctness", options);
  }

  private void throughput(boolean ours) throws IOException {
    List<String> left = new ArrayList<>(plan.sides());
    while (!left.isEmpty()) {
      String side = left.get(0);
      double seconds = budget.first(left.stream().map(CheckPlan::weight).toList());
      left.remove(0);
      boolean peer = side.equals(CheckPlan.PEER);
      String name = PartNames.throughput(side);
      if (!peer && !ours) {
        add(PartResult.failed(name, "binding or weights are missing"), null, null);
      } else if (seconds < LEAST) {
        add(PartResult.leftOut(name, seconds), null, null);
      } else if (peer) {
        File rows = work.resolve("rows.json").toFile();
        JSON.writeValue(rows, plan.loads());
        List<String> options =
            List.of(
                "--config", weights(plan.shape()).toString(),
                "--rows", rows.toString(),
                "--seconds", Double.toString(seconds - TO_END));
        File answer = answerOf("throughput");
        add(parts.other(name, seconds, peer("throughput", answer, options)), side, answer);
      } else {
        File answer = answerOf(side);
        List<String> options = new ArrayList<>(plan.loadOptions());
        options.addAll(
            List.of(
                "--model", weights(plan.shape()).toString(),
                "--quantization", side,
                "--device", plan.device(),
                "--seconds", Integer.toString((int) (seconds - TO_END)),
                "--json", answer.toString()));
        add(
            parts.engine(name, seconds, java("io.qwark.bench.gpu.Throughput", options)),
            side,
            answer);
      }
    }
  }

  /**
   * @param key under which the report keeps the answer, or null where there is none
   * @param answer which a part that fails may have written in part
   */
  private void add(PartResult result, String key, File answer) {
    JsonNode content = null;
    try {
      if (answer != null && answer.exists()) {
        content = JSON.readTree(answer);
      }
    } catch (IOException e) {
      report.add(PartResult.failed(result.name(), result.reason() + "; " + e), key, null);
      return;
    }
    try {
      report.add(result, key, content);
    } catch (UncheckedIOException e) {
      System.err.println("The report cannot be written: " + e.getMessage());
    }
  }

  private List<String> peer(String task, File answer, List<String> options) {
    List<String> command = new ArrayList<>();
    command.addAll(
        List.of(
            plan.python(),
            Repository.file("bench/gpu/peer.py").toString(),
            task,
            "--device",
            plan.device(),
            "--json",
            answer.toString()));
    command.addAll(options);
    return command;
  }

  private static List<String> java(String program, List<String> options) {
    List<String> command = new ArrayList<>();
    command.addAll(
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx4g",
            "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
            "-cp",
            System.getProperty("java.class.path"),
            program));
    command.addAll(options);
    return command;
  }
}
