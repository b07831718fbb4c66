package io.qwark.bench;

import ai.djl.pytorch.jni.JniUtils;
import io.qwark.engine.api.Kernels;
import io.qwark.engine.checkpoint.ModelConfig;
import io.qwark.engine.checkpoint.SafeTensors;
import io.qwark.engine.model.StepScores;
import io.qwark.engine.sample.Penalties;
import io.qwark.engine.schedule.PackedStep;
import io.qwark.engine.schedule.Scheduler;
import io.qwark.engine.schedule.Sequence;
import io.qwark.engine.torch.Backend;
import io.qwark.engine.torch.CausalLm;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * Where the time of a step goes, operator by operator, as libtorch's profiler sees it: of a decode
 * step, or of one that computes prompts.
 */
final class StepProfile {
  /**
   * How many steps are made for each purpose.
   *
   * @param warmUp before anything is timed
   */
  private record Steps(int warmUp, int timed, int profiled) {
    /** A prompt takes as long as many tokens, and is as good a measure after a few. */
    static Steps of(boolean prefill) {
      return prefill ? new Steps(4, 8, 4) : new Steps(100, 20, 10);
    }

    int total() {
      return warmUp + timed + profiled;
    }
  }

  private static final int TOKENS = 512;

  private final CausalLm model;
  private final Scheduler scheduler;
  private final List<Sequence> sequences = new ArrayList<>();
  private final Random random = new Random(7);

  private final boolean prefill;

  private StepProfile(
      CausalLm model, int cacheTokens, int batch, int context, int longest, boolean prefill) {
    this.model = model;
    this.scheduler = new Scheduler(cacheTokens, batch, batch * (context + 1));
    this.prefill = prefill;
    for (int i = 0; i < batch; i++) {
      add(context, longest);
    }
  }

  private void add(int context, int longest) {
    Sequence sequence = new Sequence(random.ints(context, 0, TOKENS).toArray(), longest);
    sequences.add(sequence);
    scheduler.add(sequence);
  }

  /** Puts new prompts in place of the computed ones. */
  private void renew() {
    for (Sequence computed : List.copyOf(sequences)) {
      scheduler.remove(computed);
      sequences.remove(computed);
      add(computed.promptLength(), computed.promptLength() + 1);
    }
  }

  public static void main(String[] args) {
    Arguments.run(
        args,
        "StepProfile --model FOLDER [--quantization int8] [--lm-head-quantization auto]"
            + " [--threads N] [--kernels auto] [--kv-cache-dtype auto]"
            + " [--weights-cache FOLDER] [--phase decode|prefill]"
            + " [--batch 32] [--context 160]",
        arguments -> {
          Path folder = Path.of(arguments.required("model"));
          HeldAs held = HeldAs.of(arguments);
          int threads = arguments.integer("threads", Runtime.getRuntime().availableProcessors());
          Kernels kernels = Kernels.of(arguments.optional("kernels", "auto"));
          boolean prefill = arguments.optional("phase", "decode").equals("prefill");
          String weights = arguments.optional("weights-cache", null);
          int batch = arguments.integer("batch", 32);
          int context = arguments.integer("context", 160);
          arguments.requireAllUsed();
          int longest = context + Steps.of(prefill).total() + 1;
          // Twice the need: no sequence loses its place.
          int cacheTokens = 2 * batch * (longest + 64);
          ModelConfig config = ModelConfig.read(folder.resolve("config.json"));
          Backend backend = held.backend(kernels, config);
          try (CausalLm model =
              CausalLm.load(
                  config, SafeTensors.open(folder), backend, weights, cacheTokens, threads)) {
            new StepProfile(model, cacheTokens, batch, context, longest, prefill).run();
          }
        });
  }

  private void run() throws IOException {
    Steps steps = Steps.of(prefill);
    for (int i = 0; i < steps.warmUp(); i++) {
      step();
    }
    long begun = System.nanoTime();
    long inForward = 0;
    for (int i = 0; i < steps.timed(); i++) {
      inForward += step();
    }
    int tokens = sequences.size() * (prefill ? sequences.get(0).promptLength() : 1);
    double step = (System.nanoTime() - begun) / 1e6 / steps.timed();
    double forward = inForward / 1e6 / steps.timed();
    Path trace = Files.createTempFile("qwark-profile", ".json");
    JniUtils.startProfile(false, true, false);
    for (int i = 0; i < steps.profiled(); i++) {
      step();
    }
    JniUtils.stopProfile(trace.toString());
    OperatorTimes times = OperatorTimes.read(trace, steps.profiled());
    Files.delete(trace);
    System.out.printf(
        "a %s step of %d tokens takes %.1f ms (%.0f tokens/s): %.1f ms in the layers, %.1f ms in the"
            + " output layer and the shortlists; under the profiler %.1f ms in operators%n",
        prefill ? "prefill" : "decode",
        tokens,
        step,
        tokens / step * 1000,
        forward,
        step - forward,
        times.total());
    System.out.print(times.table());
  }

  /** One step, as the engine would do it; nanoseconds until the layers were through. */
  private long step() {
    PackedStep step = scheduler.plan().pack();
    step = step.scoring(step.ends());
    long begun = System.nanoTime();
    try (StepScores scores = model.step(step)) {
      long inForward = System.nanoTime() - begun;
      scores.sample(step.ends(), Penalties.NONE).shortlists();
      if (prefill) {
        renew();
      } else {
        sequences.forEach(s -> s.append(random.nextInt(TOKENS)));
      }
      return inForward;
    }
  }
}
