package io.qwark.jobs;

import io.qwark.jobs.config.Nearest;
import java.io.PrintWriter;
import java.util.Optional;
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
    Optional<String> option = unknownOption(e);
    if (option.isPresent()) {
      err.println("Error: Unknown option " + option.get());
      Nearest.to(option.get(), command.getCommandSpec().optionsMap().keySet())
          .ifPresent(nearest -> err.println("Write " + nearest + " if that is meant"));
    } else {
      err.println("Error: " + e.getMessage());
      UnmatchedArgumentException.printSuggestions(e, err);
    }
    err.println("Try " + command.getCommandSpec().qualifiedName() + " --help");
    return Main.MISTAKE;
  }

  /** Its value, which matches nothing either, is none of the user's mistakes. */
  private static Optional<String> unknownOption(ParameterException e) {
    if (!(e instanceof UnmatchedArgumentException unmatched)) {
      return Optional.empty();
    }
    return unmatched.getUnmatched().stream()
        .filter(argument -> argument.startsWith("-"))
        .map(argument -> argument.replaceFirst("=.*", ""))
        .findFirst();
  }
}
