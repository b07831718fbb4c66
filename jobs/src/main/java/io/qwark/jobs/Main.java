package io.qwark.jobs;

import io.qwark.engine.api.EngineOptions;
import io.qwark.engine.api.ModelFactory;
import io.qwark.jobs.run.Versions;
import java.io.PrintStream;
import java.util.List;
import java.util.function.Function;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/** The entry point for spark-submit. */
@Command(
    name = "submit.sh",
    description = "Batch LLM inference and evaluation on Apache Spark.",
    synopsisSubcommandLabel = "JOB",
    versionProvider = Main.Version.class,
    mixinStandardHelpOptions = true,
    scope = ScopeType.INHERIT,
    footer = {
      "",
      "Exit codes: 0 done; 1 the run failed; 2 a mistake in options, configuration, input or model;"
          + " 130 interrupted.",
    })
public final class Main implements Runnable {
  static final int DONE = 0;
  static final int FAILED = 1;
  static final int MISTAKE = 2;

  @Option(
      names = "--stacktrace",
      description = "Print stack traces of errors.",
      scope = ScopeType.INHERIT)
  private boolean stacktrace;

  @Option(
      names = "--verbose",
      description = "Leave Spark's log on the terminal instead of in a file.",
      scope = ScopeType.INHERIT)
  private boolean verbose;

  @CommandLine.Spec private CommandLine.Model.CommandSpec spec;

  /** Runs one job and exits with its code. */
  public static void main(String[] arguments) {
    System.exit(execute(List.of(arguments), System.out, System.err, Models::factory));
  }

  /**
   * Runs one job in this process.
   *
   * @param models makes a model's factory of its options
   * @return the exit code
   */
  static int execute(
      List<String> arguments,
      PrintStream out,
      PrintStream err,
      Function<EngineOptions, ModelFactory> models) {
    Main main = new Main();
    Terminal terminal = new Terminal(out, err);
    CommandLine commands =
        new CommandLine(main)
            .addSubcommand(new EvaluateCommand(main, terminal, arguments, models))
            .addSubcommand(new GenerateCommand(main, terminal, arguments, models))
            .addSubcommand(new EnrichCommand(main, terminal, arguments, models))
            .addSubcommand(new DoctorCommand(terminal))
            .addSubcommand(ModelCommand.commandLine(terminal));
    commands.setOut(terminal.out()).setErr(terminal.err());
    commands.setParameterExceptionHandler(new UsageErrors());
    commands.setExecutionExceptionHandler(
        (failure, command, parsed) -> terminal.report(failure, main.stacktrace));
    return commands.execute(arguments.toArray(String[]::new));
  }

  boolean isVerbose() {
    return verbose;
  }

  @Override
  public void run() {
    throw new CommandLine.ParameterException(
        spec.commandLine(),
        "Say which job to do: " + String.join(", ", spec.subcommands().keySet()));
  }

  static final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
      return new String[] {
        "Qwark " + Versions.qwark(),
        "Spark " + (Versions.spark() == null ? "(none)" : Versions.spark()),
        "Java " + System.getProperty("java.version")
      };
    }
  }
}
