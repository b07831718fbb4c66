package io.qwark.jobs.run;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;

/** Keeps credentials out of what a run records. */
final class Redaction {
  private static final String HIDDEN = "(redacted)";
  private static final Pattern SECRET =
      Pattern.compile(".*(secret|password|passwd|token|key|credential).*");
  private static final Pattern URL_LOGIN = Pattern.compile("://[^/@\\s]+@");

  private Redaction() {}

  /** A command line whose Spark properties and addresses show no credentials. */
  static List<String> commandLine(List<String> arguments) {
    List<String> shown = new ArrayList<>();
    for (String argument : arguments) {
      int equals = argument.indexOf('=');
      // --set spark.conf.NAME=VALUE, also where it is one word: --set=spark.conf.NAME=VALUE
      int name = argument.indexOf("spark.");
      int value = name < 0 ? -1 : argument.indexOf('=', name);
      if (equals >= 0 && value > 0 && isSecret(argument.substring(name, value))) {
        shown.add(argument.substring(0, value + 1) + HIDDEN);
      } else {
        shown.add(address(argument));
      }
    }
    return shown;
  }

  /** Spark properties by name. */
  static Map<String, String> properties(Map<String, String> properties) {
    Map<String, String> shown = new TreeMap<>();
    properties.forEach((k, v) -> shown.put(k, isSecret(k) ? HIDDEN : address(v)));
    return shown;
  }

  static String address(String text) {
    return URL_LOGIN.matcher(text).replaceAll("://" + HIDDEN + "@");
  }

  private static boolean isSecret(String name) {
    return SECRET.matcher(name.toLowerCase(Locale.ROOT)).matches();
  }
}
