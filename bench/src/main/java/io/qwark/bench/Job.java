package io.qwark.bench;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * What both sides of a comparison are told to do, in the same words: one line, {@code KIND LIMIT
 * REQUEST REQUEST ...}.
 *
 * @param limitSeconds after which the work may be given up, or 0 to finish it
 */
record Job(Kind kind, double limitSeconds, List<TimedRequest> requests) {
  /** What is timed. */
  enum Kind {
    /** From the first token of alike samples to their last. */
    DECODE,
    /** From the start of the first prompt to the first token of the last. */
    PREFILL,
    /** From the first submission to the last token. */
    MIXED;

    String wireName() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  Job {
    requests = List.copyOf(requests);
  }

  Job(Kind kind, List<TimedRequest> requests) {
    this(kind, 0, requests);
  }

  Job limitedTo(double seconds) {
    return new Job(kind, seconds, requests);
  }

  int promptTokens() {
    return requests.stream().mapToInt(r -> r.prompt().length).sum();
  }

  int outputTokens() {
    return requests.stream().mapToInt(TimedRequest::output).sum();
  }

  /** Tokens whose number, divided by the time, is the rate that counts. */
  int countedTokens() {
    return switch (kind) {
      case DECODE -> outputTokens() - requests.size();
      case PREFILL -> promptTokens();
      case MIXED -> outputTokens();
    };
  }

  String line() {
    return kind.wireName()
        + " "
        + limitSeconds
        + " "
        + requests.stream().map(TimedRequest::word).collect(Collectors.joining(" "));
  }

  static Job parse(String line) {
    List<String> words = Arrays.asList(line.strip().split(" "));
    return new Job(
        Kind.valueOf(words.get(0).toUpperCase(Locale.ROOT)),
        Double.parseDouble(words.get(1)),
        words.subList(2, words.size()).stream().map(TimedRequest::parse).toList());
  }
}
