package io.qwark.bench;

import io.qwark.engine.api.EngineOptions;
import io.qwark.engine.api.Kernels;
import io.qwark.engine.api.KvCacheDtype;
import io.qwark.engine.api.Quantization;
import io.qwark.engine.checkpoint.ModelConfig;
import io.qwark.engine.checkpoint.SafeTensors;
import io.qwark.engine.checkpoint.Tensors;
import io.qwark.engine.model.StepScores;
import io.qwark.engine.sample.Penalties;
import io.qwark.engine.schedule.PackedStep;
import io.qwark.engine.schedule.Scheduler;
import io.qwark.engine.schedule.Sequence;
import io.qwark.engine.torch.Backend;
import io.qwark.engine.torch.CausalLm;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;

/** Scores of all tokens at each position of a text that is given, not chosen. */
public final class TeacherForcing implements AutoCloseable {
  private static final int CACHE_TOKENS = 4096;

  private final CausalLm model;

  /**
   * @param folder holds config.json and weights; a tokenizer is not needed
   */
  TeacherForcing(Path folder, HeldAs held) {
    this(ModelConfig.read(folder.resolve("config.json")), SafeTensors.open(folder), held, 1);
  }

  TeacherForcing(ModelConfig config, Tensors tensors, HeldAs held, int threads) {
    this(config, tensors, held.backend(Kernels.AUTO, config), threads);
  }

  private TeacherForcing(ModelConfig config, Tensors tensors, Backend backend, int threads) {
    this.model =
        CausalLm.load(
            config, tensors, backend, EngineOptions.NO_WEIGHTS_CACHE, CACHE_TOKENS, threads);
  }

  /**
   * On a device.
   *
   * @param device cpu or cuda:N
   * @throws io.qwark.engine.api.UserException if the device does not serve the model so
   */
  public static TeacherForcing on(String device, Path folder, Quantization quantization) {
    ModelConfig config = ModelConfig.read(folder.resolve("config.json"));
    return new TeacherForcing(
        config,
        SafeTensors.open(folder),
        Backend.choose(quantization, Kernels.AUTO, KvCacheDtype.AUTO, config, device),
        Runtime.getRuntime().availableProcessors());
  }

  /** The scores from which each token of {@code output} would have been chosen, (output, V). */
  public List<float[]> scores(int[] prompt, int[] output) {
    int[] tokens = Arrays.copyOf(prompt, prompt.length + output.length - 1);
    System.arraycopy(output, 0, tokens, prompt.length, output.length - 1);
    Scheduler scheduler = new Scheduler(CACHE_TOKENS, 1, CACHE_TOKENS);
    scheduler.add(new Sequence(tokens, tokens.length + 1));
    List<float[]> scores = new ArrayList<>();
    for (int done = 0; done < tokens.length; ) {
      PackedStep step = scheduler.plan().pack();
      int rows = step.tokens().length;
      long first = Math.max(0, prompt.length - 1 - done);
      if (first < rows) {
        read(step, LongStream.range(first, rows).toArray(), scores);
      } else {
        model.step(step).close();
      }
      done += rows;
    }
    return scores;
  }

  private void read(PackedStep step, long[] rows, List<float[]> into) {
    try (StepScores scores = model.step(step)) {
      StepScores.SampledRows sampled = scores.sample(rows, Penalties.NONE);
      for (int r = 0; r < rows.length; r++) {
        into.add(sampled.all(r).raw());
      }
    }
  }

  @Override
  public void close() {
    model.close();
  }
}
