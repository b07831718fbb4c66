package io.qwark.bench;

import io.qwark.engine.api.UserException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Options of the form {@code --name value}, each taken out once. */
public final class Arguments {
  private static final int USAGE = 2;

  private final String usage;
  private final Map<String, String> values = new LinkedHashMap<>();

  /** What a program does with its options. */
  public interface Program {
    void run(Arguments arguments) throws Exception;
  }

  private Arguments(String[] args, String usage) {
    this.usage = usage;
    for (int i = 0; i < args.length; i += 2) {
      if (!args[i].startsWith("--") || i + 1 == args.length) {
        throw wrong("`" + args[i] + "` is not an option with a value");
      }
      values.put(args[i].substring(2), args[i + 1]);
    }
  }

  /** Runs a program; a user's mistake is one line and exit code 2. */
  public static void run(String[] args, String usage, Program program) {
    try {
      program.run(new Arguments(args, usage));
    } catch (UserException e) {
      System.err.println(e.getMessage());
      System.exit(USAGE);
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  public String required(String name) {
    String value = values.remove(name);
    if (value == null) {
      throw wrong("--" + name + " is missing");
    }
    return value;
  }

  public String optional(String name, String otherwise) {
    String value = values.remove(name);
    return value == null ? otherwise : value;
  }

  public int integer(String name) {
    return numbers(name, required(name)).get(0);
  }

  public int integer(String name, int otherwise) {
    return integers(name, Integer.toString(otherwise)).get(0);
  }

  /** Numbers, at least 1, with commas between them. */
  public List<Integer> integers(String name, String otherwise) {
    return numbers(name, optional(name, otherwise));
  }

  /** Words with commas between them. */
  public List<String> words(String name, String otherwise) {
    return Arrays.asList(optional(name, otherwise).split(","));
  }

  private List<Integer> numbers(String name, String text) {
    try {
      List<Integer> numbers = Arrays.stream(text.split(",")).map(Integer::valueOf).toList();
      if (numbers.stream().allMatch(n -> n >= 1)) {
        return numbers;
      }
    } catch (NumberFormatException e) {
      throw wrong("--" + name + " is `" + text + "`: " + e.getMessage());
    }
    throw wrong("--" + name + " is `" + text + "`, and 1 is the least");
  }

  /** To be called when all options have been taken out. */
  public void requireAllUsed() {
    if (!values.isEmpty()) {
      throw wrong("there is no option --" + values.keySet().iterator().next());
    }
  }

  private UserException wrong(String reason) {
    return new UserException("Cannot start the benchmark", reason, "Usage: " + usage);
  }
}
