package io.qwark.jobs;

import io.qwark.engine.LocalModelFactory;
import io.qwark.engine.ReplicaPlan;
import io.qwark.engine.api.EngineOptions;
import io.qwark.engine.api.Kernels;
import io.qwark.engine.api.LmHeadQuantization;
import io.qwark.engine.api.Placement;
import io.qwark.engine.api.Quantization;
import io.qwark.engine.api.TextModel;
import io.qwark.engine.api.UserException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "convert",
    description = {
      "Make the weights that native kernels compute with, and keep them in the weights cache.",
      "Jobs do this by themselves at their first start; later ones map what is there."
    })
final class ModelConvertCommand implements Callable<Integer> {
  @Parameters(paramLabel = "PATH_OR_ID", description = ModelCommand.NAMES)
  private String model;

  @Option(
      names = "--quantization",
      paramLabel = "NAME",
      description = "How weights are held. Default: ${DEFAULT-VALUE}.",
      defaultValue = "int8")
  private String quantization;

  @Option(
      names = "--lm-head-quantization",
      paramLabel = "NAME",
      description = "How the output layer is held. Default: ${DEFAULT-VALUE}.",
      defaultValue = "auto")
  private String lmHeadQuantization;

  @Option(
      names = "--weights-cache",
      paramLabel = "FOLDER",
      description = "As in the jobs' configuration. Default: ~/.cache/qwark/weights.")
  private Path weightsCache;

  private final Terminal terminal;

  ModelConvertCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() {
    Quantization wanted = Quantization.of(quantization);
    LmHeadQuantization head = LmHeadQuantization.of(lmHeadQuantization);
    head.checkBeside(wanted);
    Path path = ModelCommand.fetch(model, terminal);
    EngineOptions options =
        EngineOptions.builder(path.toString(), wanted)
            .lmHeadQuantization(head)
            .maxNumSeqs(1)
            .maxModelLen(1)
            .weightsCache(weightsCache == null ? null : weightsCache.toAbsolutePath().toString())
            .build();
    ReplicaPlan plan = ReplicaPlan.of(options, Placement.cpu());
    if (plan.kernels() != Kernels.NATIVE) {
      throw new UserException(
          "Cannot convert " + path,
          "native kernels do not serve it: " + plan.kernelsObstacle(),
          "There is nothing to convert: jobs use the model's own files here");
    }
    double seconds;
    try (TextModel loaded = new LocalModelFactory(options).load(Placement.cpu())) {
      seconds = loaded.info().loadMs() / 1e3;
    }
    terminal
        .out()
        .printf(
            "The %s weights of %s are in the weights cache (%.1f s)%n",
            quantization, path, seconds);
    return Main.DONE;
  }
}
