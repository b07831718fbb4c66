package io.qwark.engine;

import io.qwark.engine.api.Completion;
import io.qwark.engine.api.Request;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;

/** Requests that come to an engine in some order, and what becomes of them in their own. */
final class ShuffledRequests {
  private ShuffledRequests() {}

  /** In the order of the requests, whatever the order in which they were submitted. */
  static List<CompletableFuture<Completion>> submit(
      Engine engine, List<Request> requests, long seed) {
    List<CompletableFuture<Completion>> futures =
        new ArrayList<>(Collections.nCopies(requests.size(), null));
    shuffled(requests, seed).forEach(i -> futures.set(i, engine.submit(requests.get(i))));
    return futures;
  }

  /** Every request comes twice, and one of the two is cancelled sooner or later. */
  static List<CompletableFuture<Completion>> amongCancelled(
      Engine engine, List<Request> requests, long seed) {
    List<CompletableFuture<Completion>> kept =
        new ArrayList<>(Collections.nCopies(requests.size(), null));
    List<CompletableFuture<Completion>> cancelled = new ArrayList<>();
    for (int i : shuffled(requests, seed)) {
      cancelled.add(engine.submit(requests.get(i)));
      kept.set(i, engine.submit(requests.get(i)));
    }
    for (CompletableFuture<Completion> next : cancelled) {
      kept.stream().filter(f -> !f.isDone()).findFirst().ifPresent(CompletableFuture::join);
      next.cancel(true);
    }
    return kept;
  }

  static List<Completion> joined(List<CompletableFuture<Completion>> futures) {
    return futures.stream().map(CompletableFuture::join).toList();
  }

  /** Over once nothing is left that was cancelled just now. */
  static EngineStats atRest(Engine engine) {
    while (engine.stats().running() + engine.stats().waiting() > 0) {
      Thread.onSpinWait();
    }
    return engine.stats();
  }

  private static List<Integer> shuffled(List<Request> requests, long seed) {
    List<Integer> order = new ArrayList<>(IntStream.range(0, requests.size()).boxed().toList());
    Collections.shuffle(order, new Random(seed));
    return order;
  }
}
