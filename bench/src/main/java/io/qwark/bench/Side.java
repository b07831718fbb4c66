package io.qwark.bench;

import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * One of those that are compared.
 *
 * @param key {@link #OURS}, or the format of llama.cpp's weights
 */
record Side(String key, Starter starter) {
  static final String OURS = "qwark";

  /** Starts a process that can do a job. */
  interface Starter {
    List<String> command(Job largest, PrefixCaching prefixCaching);
  }

  /** Whether a process may use what an earlier prompt left behind. */
  enum PrefixCaching {
    ON,
    /** So that repetitions of a row do not profit from each other. */
    OFF
  }

  /** What the engine is told beside the model. */
  record EngineSettings(HeldAs held, int threads, String kernels) {}

  boolean isOurs() {
    return key.equals(OURS);
  }

  /**
   * @param largest the job that needs most room
   */
  MeasuredProcess start(Job largest, PrefixCaching prefixCaching) {
    return new MeasuredProcess(key, starter.command(largest, prefixCaching));
  }

  /** The engine in a Java of its own, with this one's options. */
  static Side ours(Path model, Path weightsCache, EngineSettings settings) {
    return new Side(
        OURS,
        (largest, prefixCaching) -> {
          List<String> command = new ArrayList<>();
          command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
          command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
          command.addAll(List.of("-cp", System.getProperty("java.class.path")));
          command.add(OurSide.class.getName());
          command.addAll(List.of("--model", model.toString()));
          command.addAll(List.of("--weights-cache", weightsCache.toString()));
          HeldAs held = settings.held();
          command.addAll(List.of("--quantization", held.quantization().wireName()));
          command.addAll(List.of("--lm-head-quantization", held.lmHeadQuantization().wireName()));
          command.addAll(List.of("--threads", Integer.toString(settings.threads())));
          command.addAll(List.of("--kernels", settings.kernels()));
          command.addAll(List.of("--kv-cache-dtype", held.kvCacheDtype().wireName()));
          command.addAll(List.of("--prefix-caching", prefixCaching.name()));
          command.addAll(Room.of(largest).options());
          return command;
        });
  }

  static Side llama(GgufType format, Path model, Path program, Path libraries, int threads) {
    List<String> command =
        List.of(
            program.toString(), model.toString(), libraries.toString(), Integer.toString(threads));
    return new Side(format.wireName(), (largest, prefixCaching) -> command);
  }
}
