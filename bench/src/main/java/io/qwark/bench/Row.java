package io.qwark.bench;

import io.qwark.engine.api.UserException;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/** The lines of the comparison, and by how much the engine is meant to be faster. */
enum Row {
  DECODE_1("decode_1", "decode, batch 1", 1.0, Job.Kind.DECODE, RequestLists.decode(1)),
  DECODE_8("decode_8", "decode, batch 8", 2.5, Job.Kind.DECODE, RequestLists.decode(8)),
  DECODE_32("decode_32", "decode, batch 32", 3.5, Job.Kind.DECODE, RequestLists.decode(32)),
  PREFILL_512("prefill_512", "prefill 512", 3.5, Job.Kind.PREFILL, RequestLists.prefill(512)),
  MIXED("mixed", "64 mixed requests", 3.0, Job.Kind.MIXED, RequestLists.mixed()),
  /** Ours alone: shared beginnings against beginnings that need not be computed twice. */
  PREFIX("prefix", "shared beginning", 1.3, Job.Kind.PREFILL, RequestLists.sharedBeginning(0));

  final String key;
  final String title;

  /** The ratio that is wanted: at least, or for {@link #PREFIX} at most. */
  final double target;

  private final Job job;

  Row(String key, String title, double target, Job.Kind kind, List<TimedRequest> requests) {
    this.key = key;
    this.title = title;
    this.target = target;
    this.job = new Job(kind, requests);
  }

  /** What to do; of {@link #PREFIX} only one half, and an example of it. */
  Job job() {
    return job;
  }

  /** Minutes of work and gigabytes of cache on each side: done by one side after the other. */
  boolean isLong() {
    return this == MIXED;
  }

  static List<Row> of(List<String> keys) {
    return keys.stream().map(Row::of).toList();
  }

  private static Row of(String key) {
    return Arrays.stream(values())
        .filter(row -> row.key.equals(key))
        .findFirst()
        .orElseThrow(
            () ->
                new UserException(
                    "Cannot measure the row `" + key + "`",
                    "there is none of this name",
                    "Choose from " + keys()));
  }

  static String keys() {
    return Arrays.stream(values()).map(row -> row.key).collect(Collectors.joining(","));
  }
}
