package io.qwark.jobs;

import io.qwark.engine.source.FetchProgress;
import io.qwark.jobs.config.ModelNames;
import io.qwark.jobs.model.ModelSource;
import io.qwark.jobs.report.FetchLine;
import io.qwark.jobs.report.TerminalStyle;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** What is done with models apart from running them; needs no Spark session. */
@Command(
    name = "model",
    description = "Inspect, fetch or convert a model.",
    synopsisSubcommandLabel = "(inspect | fetch | convert)")
final class ModelCommand implements Runnable {
  static final String NAMES =
      "A local folder or GGUF file, a Hadoop path, or an id: [hf://|modelscope://]OWNER/NAME"
          + "[@REVISION][:FILE.gguf].";

  @CommandLine.Spec private CommandLine.Model.CommandSpec spec;

  /** The command with all that it can do. */
  static CommandLine commandLine(Terminal terminal) {
    return new CommandLine(new ModelCommand())
        .addSubcommand(new ModelInspectCommand(terminal))
        .addSubcommand(new ModelFetchCommand(terminal))
        .addSubcommand(new ModelConvertCommand(terminal));
  }

  @Override
  public void run() {
    throw new CommandLine.ParameterException(
        spec.commandLine(),
        "Say what to do with a model: "
            + String.join(", ", List.copyOf(spec.subcommands().keySet())));
  }

  /** The model's path on this host, to where it is fetched if it is not here. */
  static Path fetch(String name, Terminal terminal) {
    String whole = ModelNames.whole(name);
    ModelSource source = ModelSource.of(whole, progress(terminal));
    return source == null ? Path.of(whole) : source.fetch();
  }

  static FetchProgress progress(Terminal terminal) {
    return new FetchLine(terminal.progress(), TerminalStyle.detect());
  }
}
