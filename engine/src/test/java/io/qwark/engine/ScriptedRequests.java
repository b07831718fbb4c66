package io.qwark.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.qwark.engine.api.Completion;
import io.qwark.engine.api.ErrorCode;
import io.qwark.engine.api.Request;
import io.qwark.engine.api.RequestException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/** Requests to a {@link ScriptedForwardModel}, each told by the last token of its prompt. */
final class ScriptedRequests {
  private static final int MAX_TOKENS = 12;

  private ScriptedRequests() {}

  /** Those of the tokens from 0. */
  static List<CompletableFuture<Completion>> submitMany(Engine engine, int count) {
    List<CompletableFuture<Completion>> futures = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      futures.add(submit(engine, i));
    }
    return futures;
  }

  static CompletableFuture<Completion> submit(Engine engine, int token) {
    return engine.submit(new Request(new int[] {5, token}, 0, Goldens.greedy(MAX_TOKENS)));
  }

  static void assertAllRight(List<CompletableFuture<Completion>> futures) {
    for (int i = 0; i < futures.size(); i++) {
      assertRight(i, futures.get(i));
    }
  }

  /** By the model's rule, which has no memory beyond the last token. */
  static void assertRight(int token, CompletableFuture<Completion> future) {
    int[] expected = new int[MAX_TOKENS];
    int last = token;
    for (int i = 0; i < expected.length; i++) {
      last = ScriptedForwardModel.next(last, i + 1);
      expected[i] = last;
    }
    assertArrayEquals(expected, future.join().tokenIds(), "request " + token);
  }

  static RequestException assertLost(List<CompletableFuture<Completion>> futures, String reason) {
    RequestException failure = null;
    for (CompletableFuture<Completion> future : futures) {
      failure = failure(future);
      assertEquals(ErrorCode.REPLICA_LOST, failure.code());
      assertTrue(failure.getMessage().contains(reason), failure.getMessage());
    }
    return failure;
  }

  static RequestException failure(CompletableFuture<Completion> future) {
    return (RequestException) assertThrows(CompletionException.class, future::join).getCause();
  }
}
