package io.qwark.jobs;

import java.io.PrintWriter;
import picocli.CommandLine;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** Tells what is wrong with a command line, with suggestions and without the whole usage text. */
final class UsageErrors implements IParameterExceptionHandler {

  @Override
  public int handleParseException(ParameterException e, String[] arguments) {
    CommandLine command = e.getCommandLine();
    PrintWriter err = command.getErr();
    err.println("Error: " + e.getMessage());
    UnmatchedArgumentException.printSuggestions(e, err);
    err.println("Try " + command.getCommandSpec().qualifiedName() + " --help");
    return Main.MISTAKE;
  }
}
