package io.qwark.bench;

import ai.djl.pytorch.jni.JniUtils;
import io.qwark.engine.api.Kernels;
import io.qwark.engine.api.KvCacheDtype;
import io.qwark.engine.api.Quantization;
import io.qwark.engine.checkpoint.ModelConfig;
import io.qwark.engine.checkpoint.SafeTensors;
import io.qwark.engine.model.StepScores;
import io.qwark.engine.sample.Penalties;
import io.qwark.engine.schedule.PackedStep;
import io.qwark.engine.schedule.Scheduler;
import io.qwark.engine.schedule.Sequence;
import io.qwark.engine.torch.Backend;
import io.qwark.engine.torch.Qwen3;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Where the time of a decode step goes, operator by operator, as libtorch's profiler sees it. */
final class DecodeProfile {
  private static final int WARM_UP = 5;
  private static final int TIMED = 20;
  private static final int PROFILED = 10;
  private static final int TOKENS = 512;

  private final Qwen3 model;
  private final Scheduler scheduler;
  private final List<Sequence> sequences = new ArrayList<>();
  private final Random random = new Random(7);

  private DecodeProfile(Qwen3 model, int cacheTokens, int batch, int context, int longest) {
    this.model = model;
    this.scheduler = new Scheduler(cacheTokens, batch, batch * (context + 1));
    for (int i = 0; i < batch; i++) {
      int[] prompt = random.ints(context, 0, TOKENS).toArray();
      sequences.add(new Sequence(prompt, longest));
      scheduler.add(sequences.get(i));
    }
  }

  public static void main(String[] args) {
    Arguments.run(
        args,
        "DecodeProfile --model FOLDER [--quantization int8] [--threads N] [--kernels auto] [--batch 32]"
            + " [--context 160]",
        arguments -> {
          Path folder = Path.of(arguments.required("model"));
          Quantization quantization = Quantization.of(arguments.optional("quantization", "int8"));
          int threads = arguments.integer("threads", Runtime.getRuntime().availableProcessors());
          Kernels kernels = Kernels.of(arguments.optional("kernels", "auto"));
          int batch = arguments.integer("batch", 32);
          int context = arguments.integer("context", 160);
          arguments.requireAllUsed();
          int longest = context + WARM_UP + TIMED + PROFILED + 1;
          // Twice the need: no sequence loses its place.
          int cacheTokens = 2 * batch * (longest + 64);
          ModelConfig config = ModelConfig.read(folder.resolve("config.json"));
          Backend backend = Backend.choose(quantization, kernels, KvCacheDtype.AUTO, config);
          try (Qwen3 model =
              Qwen3.load(config, SafeTensors.open(folder), backend, cacheTokens, threads)) {
            new DecodeProfile(model, cacheTokens, batch, context, longest).run();
          }
        });
  }

  private void run() throws IOException {
    for (int i = 0; i < WARM_UP; i++) {
      step();
    }
    long begun = System.nanoTime();
    long inForward = 0;
    for (int i = 0; i < TIMED; i++) {
      inForward += step();
    }
    double step = (System.nanoTime() - begun) / 1e6 / TIMED;
    double forward = inForward / 1e6 / TIMED;
    Path trace = Files.createTempFile("qwark-profile", ".json");
    JniUtils.startProfile(false, true, false);
    for (int i = 0; i < PROFILED; i++) {
      step();
    }
    JniUtils.stopProfile(trace.toString());
    OperatorTimes times = OperatorTimes.read(trace, PROFILED);
    Files.delete(trace);
    System.out.printf(
        "a step of %d tokens takes %.1f ms (%.0f tokens/s): %.1f ms in the layers, %.1f ms in the"
            + " output layer and the shortlists; under the profiler %.1f ms in operators%n",
        sequences.size(),
        step,
        sequences.size() / step * 1000,
        forward,
        step - forward,
        times.total());
    System.out.print(times.table());
  }

  /** One step, as the engine would do it; nanoseconds until the layers were through. */
  private long step() {
    PackedStep step = scheduler.plan().pack();
    long begun = System.nanoTime();
    try (StepScores scores = model.step(step)) {
      long inForward = System.nanoTime() - begun;
      scores.sample(step.ends(), Penalties.NONE).shortlists();
      sequences.forEach(s -> s.append(random.nextInt(TOKENS)));
      return inForward;
    }
  }
}
