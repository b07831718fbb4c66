package io.qwark.jobs.doctor;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Variables of the environment that make tensor operations fast; submit.sh sets them. */
final class Environment {
  /** What submit.sh sets, since glibc else maps large temporaries anew at each use. */
  private static final Map<String, String> MALLOC = new LinkedHashMap<>();

  static {
    MALLOC.put("MALLOC_ARENA_MAX", "1");
    MALLOC.put("MALLOC_MMAP_MAX_", "0");
    MALLOC.put("MALLOC_TRIM_THRESHOLD_", "8000000000");
    MALLOC.put("MALLOC_TOP_PAD_", "67108864");
  }

  private static final String WAIT_POLICY = "OMP_WAIT_POLICY";

  private Environment() {}

  static List<Finding> look(Map<String, String> environment) {
    return List.of(malloc(environment), waitPolicy(environment));
  }

  private static Finding malloc(Map<String, String> environment) {
    List<String> missing = new ArrayList<>();
    List<String> found = new ArrayList<>();
    MALLOC.forEach(
        (name, value) -> {
          String set = environment.get(name);
          (set == null ? missing : found).add(name + "=" + (set == null ? value : set));
        });
    if (missing.isEmpty()) {
      return Finding.ok(
          "Memory allocator", "keeps large temporaries (" + String.join(" ", found) + ")");
    }
    return Finding.warn(
        "Memory allocator",
        "gives large temporaries back to the system after each use; not set: "
            + missing.stream()
                .map(pair -> pair.substring(0, pair.indexOf('=')))
                .collect(Collectors.joining(" ")),
        "Start with ./submit.sh, or set "
            + String.join(" ", missing)
            + " for the driver and, by spark.executorEnv, for executors");
  }

  private static Finding waitPolicy(Map<String, String> environment) {
    String set = environment.get(WAIT_POLICY);
    if ("passive".equalsIgnoreCase(set)) {
      return Finding.ok("Waiting threads", "sleep (" + WAIT_POLICY + "=" + set + ")");
    }
    return Finding.warn(
        "Waiting threads",
        "of tensor operations keep processors busy ("
            + WAIT_POLICY
            + (set == null ? " is not set" : "=" + set)
            + "), so that Spark and others wait for a turn",
        "Start with ./submit.sh, or set " + WAIT_POLICY + "=PASSIVE as above");
  }
}
