package io.qwark.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.qwark.engine.api.Quantization;
import io.qwark.engine.api.UserException;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Compares the engine with llama.cpp on random models, in one run on one machine. */
final class PeerComparison {
  private static final String USAGE =
      "PeerComparison --checkpoints FOLDER --native FOLDER [--peer llama.cpp|none]"
          + " [--shapes 0.6b,4b] [--rows "
          + Row.keys()
          + "] [--formats q4_0,q8_0] [--threads N] [--repeats 3] [--mixed-repeats 1]"
          + " [--quantization int8|int4] [--lm-head-quantization auto] [--kernels auto]"
          + " [--kv-cache-dtype auto] [--json FILE]";

  /** Folders that run.sh fills: programs, and llama.cpp's package with its libraries. */
  private record Native(Path roofline, Path llamaBench, Path llamaPackage) {
    Path libraries() {
      return llamaPackage.resolve("bins/linux-x64");
    }
  }

  /** What is asked for. */
  private record Plan(
      List<Shape> shapes,
      List<Row> rows,
      List<GgufType> formats,
      int threads,
      int repeats,
      int mixedRepeats,
      HeldAs held,
      String kernels) {}

  private final Checkpoints checkpoints;
  private final Native programs;
  private final Plan plan;

  private PeerComparison(Checkpoints checkpoints, Native programs, Plan plan) {
    this.checkpoints = checkpoints;
    this.programs = programs;
    this.plan = plan;
  }

  public static void main(String[] args) {
    Arguments.run(
        args,
        USAGE,
        arguments -> {
          Checkpoints checkpoints = new Checkpoints(Path.of(arguments.required("checkpoints")));
          Path folder = Path.of(arguments.required("native"));
          Native programs =
              new Native(
                  folder.resolve("roofline"),
                  folder.resolve("llama_bench"),
                  folder.resolve("node_modules/@node-llama-cpp/linux-x64"));
          boolean alone = isAlone(arguments.optional("peer", "llama.cpp"));
          List<String> formats = arguments.words("formats", "q4_0,q8_0");
          Plan plan =
              new Plan(
                  arguments.words("shapes", "0.6b,4b").stream().map(Shape::of).toList(),
                  Row.of(arguments.words("rows", Row.keys())),
                  alone ? List.of() : formats.stream().map(PeerComparison::format).toList(),
                  arguments.integer("threads", Runtime.getRuntime().availableProcessors()),
                  arguments.integer("repeats", 3),
                  arguments.integer("mixed-repeats", 1),
                  comparable(HeldAs.of(arguments)),
                  arguments.optional("kernels", "auto"));
          String json = arguments.optional("json", null);
          String commit = arguments.optional("commit", "unknown");
          arguments.requireAllUsed();
          new PeerComparison(checkpoints, programs, plan).run(commit, json);
        });
  }

  private static boolean isAlone(String peer) {
    if (!List.of("llama.cpp", "none").contains(peer)) {
      throw new UserException(
          "Cannot compare with `" + peer + "`",
          "there is no such peer",
          "Choose llama.cpp, or none to measure the engine alone");
    }
    return peer.equals("none");
  }

  private static HeldAs comparable(HeldAs held) {
    Quantization quantization = held.quantization();
    if (quantization != Quantization.INT8 && quantization != Quantization.INT4) {
      throw new UserException(
          "Cannot compare " + quantization.wireName() + " with llama.cpp",
          "it is a mode to compare others with",
          "Choose int8 or int4");
    }
    held.lmHeadQuantization().checkBeside(quantization);
    return held;
  }

  private static GgufType format(String name) {
    return Arrays.stream(GgufType.values())
        .filter(type -> type != GgufType.F32 && type.wireName().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new UserException(
                    "Cannot compare with llama.cpp's format `" + name + "`",
                    "no model is written in it",
                    "Choose from q4_0,q8_0"));
  }

  private void run(String commit, String json) throws IOException {
    Machine machine = Machine.here();
    Map<String, Object> facts = facts(machine, commit);
    System.out.println("Machine: " + machine);
    if (machine.isBusy()) {
      System.out.printf(
          "The load average is %.1f: others compute as well, and figures will be wrong.%n",
          machine.loadAverage());
    }
    // Models are written first: nothing else shall be measured beside it.
    for (Shape shape : plan.shapes()) {
      sides(shape);
    }
    Roofline roofline = roofline();
    List<ShapeResult> results = new ArrayList<>();
    for (Shape shape : plan.shapes()) {
      List<Side> sides = sides(shape);
      results.add(measure(shape, sides));
      addVersions(facts, results.get(0));
      List<String> keys = sides.stream().map(Side::key).toList();
      System.out.print(new ComparisonReport(results.get(results.size() - 1), keys, roofline));
      if (json != null) {
        // After each shape: the whole takes hours.
        new ComparisonJson(facts, results, roofline).write(new File(json));
      }
    }
  }

  private Roofline roofline() throws IOException {
    if (!Files.exists(programs.roofline())) {
      System.out.println("The roofline is not measured: no C compiler has built it.");
      return null;
    }
    Roofline roofline = Roofline.measure(programs.roofline(), plan.threads());
    System.out.printf(
        "Roofline with %d threads: %.1f GB/s read; %s%n",
        plan.threads(),
        roofline.readGbPerS(),
        roofline.int8GopPerS() == null
            ? "no instructions for 8-bit products are known to the measurement"
            : "%,.0f GOP/s of 8-bit products (%s)"
                .formatted(roofline.int8GopPerS(), roofline.int8Instructions()));
    return roofline;
  }

  private List<Side> sides(Shape shape) throws IOException {
    List<Side> sides = new ArrayList<>();
    sides.add(
        Side.ours(
            checkpoints.ours(shape),
            checkpoints.weightsCache(shape),
            new Side.EngineSettings(plan.held(), plan.threads(), plan.kernels())));
    for (GgufType format : plan.formats()) {
      Path model = checkpoints.llama(shape, format);
      Path program = programs.llamaBench();
      sides.add(Side.llama(format, model, program, programs.libraries(), plan.threads()));
    }
    return sides;
  }

  private ShapeResult measure(Shape shape, List<Side> sides) throws IOException {
    System.err.println("Measuring " + shape.wireName + " ...");
    Loads loads = Loads.measure(sides.get(0), checkpoints.weightsCache(shape));
    RowRunner runner = new RowRunner(sides, plan.repeats(), plan.mixedRepeats(), RowRunner.WARM_UP);
    List<RowResult> rows = new ArrayList<>();
    PrefixResult prefix = null;
    for (Row row : plan.rows()) {
      if (row == Row.PREFIX) {
        prefix = PrefixResult.measure(sides.get(0), plan.repeats());
      } else {
        rows.add(runner.run(row));
      }
    }
    return new ShapeResult(shape, plan.held(), loads, rows, prefix);
  }

  /** What the processes say of themselves. */
  private static void addVersions(Map<String, Object> facts, ShapeResult result) {
    Map<String, Object> versions = new LinkedHashMap<>();
    for (RowResult row : result.rows()) {
      row.ready()
          .forEach(
              (side, ready) -> {
                if (side.equals(Side.OURS)) {
                  versions.put("libtorch", ready.get("libtorch"));
                } else {
                  versions.put("llama.cpp", ready.get("version"));
                  versions.put("llama.cpp_operators", ready.get("processor"));
                }
              });
    }
    facts.put("process_versions", versions);
  }

  private Map<String, Object> facts(Machine machine, String commit) throws IOException {
    Map<String, Object> facts = new LinkedHashMap<>();
    facts.put("date", LocalDate.now().toString());
    facts.put("machine", machine);
    Map<String, Object> versions = new LinkedHashMap<>();
    versions.put("qwark_commit", commit);
    if (!plan.formats().isEmpty()) {
      File manifest = programs.llamaPackage().resolve("package.json").toFile();
      versions.put(
          "@node-llama-cpp/linux-x64",
          new ObjectMapper().readTree(manifest).get("version").asText());
    }
    facts.put("versions", versions);
    facts.put("quantization", plan.held().quantization().wireName());
    facts.put("lm_head_quantization", plan.held().lmHeadQuantization().wireName());
    facts.put("threads", plan.threads());
    facts.put("repeats", plan.repeats());
    facts.put("mixed_repeats", plan.mixedRepeats());
    return facts;
  }
}
