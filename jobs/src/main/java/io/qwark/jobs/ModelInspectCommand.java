package io.qwark.jobs;

import io.qwark.engine.api.EngineOptions;
import io.qwark.engine.source.Sketch;
import io.qwark.jobs.config.ModelNames;
import io.qwark.jobs.inspect.Inspection;
import io.qwark.jobs.inspect.InspectionText;
import io.qwark.jobs.model.ModelSource;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "inspect",
    description = {
      "Tell what a model is, what it needs in memory on this machine, and what happens to it.",
      "Of a model that is elsewhere only the small files and the beginnings of its weights are"
          + " read."
    })
final class ModelInspectCommand implements Callable<Integer> {
  @Parameters(paramLabel = "PATH_OR_ID", description = ModelCommand.NAMES)
  private String model;

  @Option(
      names = "--context",
      paramLabel = "N",
      description = "Tokens of a sample, prompt and output. Default: 4096, or the model's longest.")
  private Integer context;

  @Option(
      names = "--batch",
      paramLabel = "N",
      description = "Samples at a time. Default: ${DEFAULT-VALUE}.",
      defaultValue = "" + EngineOptions.DEFAULT_MAX_NUM_SEQS)
  private int batch;

  @Option(names = "--json", description = "Print a JSON object instead of text.")
  private boolean json;

  private final Terminal terminal;

  ModelInspectCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() {
    Inspection inspection = inspect();
    if (json) {
      terminal.out().println(inspection.toJson());
    } else {
      InspectionText.print(inspection, terminal.out());
    }
    return Main.DONE;
  }

  private Inspection inspect() {
    String whole = ModelNames.whole(model);
    ModelSource source = ModelSource.of(whole, ModelCommand.progress(terminal));
    if (source == null) {
      return Inspection.of(whole, Path.of(whole), null, context, batch);
    }
    String pinned = source.pin();
    try (Sketch sketch = source.sketch()) {
      return Inspection.of(pinned, sketch.model(), source.license(), context, batch);
    }
  }
}
