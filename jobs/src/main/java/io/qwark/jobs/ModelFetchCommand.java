package io.qwark.jobs;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

@Command(
    name = "fetch",
    description = {
      "Bring a model into this host's cache, if it is not there, and print its path.",
      "What an earlier try has brought is gone on with."
    })
final class ModelFetchCommand implements Callable<Integer> {
  @Parameters(paramLabel = "PATH_OR_ID", description = ModelCommand.NAMES)
  private String model;

  private final Terminal terminal;

  ModelFetchCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() {
    String path =
        io.qwark.engine.Models.open(ModelCommand.fetch(model, terminal)).path().toString();
    terminal.out().println(path);
    return Main.DONE;
  }
}
