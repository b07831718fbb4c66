package io.qwark.bench;

import io.qwark.bench.SoakRequests.SoakRequest;
import io.qwark.engine.api.Completion;
import io.qwark.engine.api.Generation;
import io.qwark.engine.api.RequestException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CancellationException;

/** What became of requests. May be told from any thread. */
final class SoakTally {
  private static final int TOLD = 5;

  private final Map<Integer, Generation> first = new HashMap<>();
  private final List<String> complaints = new ArrayList<>();
  private long submitted;
  private long completed;
  private long repeated;
  private long failed;
  private long cancelled;
  private long broken;
  private long wrong;

  /**
   * @param completed with a result, right or wrong
   * @param repeated those of them that were compared with their first result
   * @param failed as they were meant to
   * @param broken failed otherwise
   * @param wrong results unlike the first
   */
  record Counts(
      long submitted,
      long completed,
      long repeated,
      long failed,
      long cancelled,
      long broken,
      long wrong) {
    long over() {
      return completed + failed + cancelled + broken;
    }

    long underWay() {
      return submitted - over();
    }
  }

  synchronized void submitted() {
    submitted++;
  }

  synchronized Counts counts() {
    return new Counts(submitted, completed, repeated, failed, cancelled, broken, wrong);
  }

  /** The first few things that were wrong. */
  synchronized List<String> complaints() {
    return List.copyOf(complaints);
  }

  synchronized void over(SoakRequest request, Generation generation, Throwable failure) {
    if (failure instanceof CancellationException) {
      cancelled++;
    } else if (failure != null) {
      failed(request, failure);
    } else {
      completed(request, generation);
    }
  }

  private void failed(SoakRequest request, Throwable failure) {
    if (failure instanceof RequestException e && e.code() == request.expected()) {
      failed++;
    } else {
      broken++;
      complain(
          "request %d failed, of which %s was expected: %s"
              .formatted(request.number(), request.expected(), failure));
    }
  }

  private void completed(SoakRequest request, Generation generation) {
    completed++;
    if (request.expected() != null) {
      wrong++;
      complain("a request was done that should have failed with " + request.expected());
      return;
    }
    Generation before = first.putIfAbsent(request.number(), generation);
    if (before != null) {
      repeated++;
      if (!same(before, generation)) {
        wrong++;
        complain(
            "request %d gave `%s` and now `%s`"
                .formatted(request.number(), before.text(), generation.text()));
      }
    }
  }

  private void complain(String about) {
    if (complaints.size() < TOLD) {
      complaints.add(about);
    }
  }

  /** Bit by bit, times apart. */
  private static boolean same(Generation one, Generation other) {
    Completion a = one.completion();
    Completion b = other.completion();
    return one.text().equals(other.text())
        && Arrays.equals(a.tokenIds(), b.tokenIds())
        && a.finishReason() == b.finishReason()
        && Arrays.equals(a.logprobs(), b.logprobs())
        && Objects.equals(a.topLogprobs(), b.topLogprobs())
        && Arrays.equals(a.promptLogprobs(), b.promptLogprobs());
  }
}
