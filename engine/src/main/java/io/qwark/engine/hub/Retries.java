package io.qwark.engine.hub;

import io.qwark.engine.api.UserException;
import io.qwark.engine.source.FetchProgress;
import java.io.IOException;
import java.net.ConnectException;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpTimeoutException;
import java.nio.channels.UnresolvedAddressException;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;

/** Decides after a failed try whether there is another one, and waits for it. */
final class Retries {
  /** Longest wait between tries, also where a server asks for more. */
  private static final Duration LONGEST = Duration.ofMinutes(2);

  private final String what;
  private final HubSettings settings;
  private final FetchProgress progress;
  private int failures;

  /**
   * @param what is tried, such as "Qwen/Qwen3-0.6B model.safetensors"
   */
  Retries(String what, HubSettings settings, FetchProgress progress) {
    this.what = what;
    this.settings = settings;
    this.progress = progress;
  }

  /** A try did better than the one before, so those before it no longer count. */
  void progressed() {
    failures = 0;
  }

  /**
   * Waits for the next try.
   *
   * @throws UserException if there have been enough
   */
  void failed(IOException failure) {
    failures++;
    String reason = reason(failure);
    if (failures >= settings.tries() || Thread.currentThread().isInterrupted()) {
      throw new UserException(
          "Cannot fetch " + what + " from " + settings.endpoint(),
          reason + (failures > 1 ? " (" + failures + " tries)" : ""),
          "Check the network and the proxy (HTTPS_PROXY), and try again later: what has come is"
              + " kept",
          failure);
    }
    Duration pause = pause(failure);
    progress.note(
        "%s: %s; trying again in %.1f s (%d of %d)"
            .formatted(what, reason, pause.toMillis() / 1e3, failures + 1, settings.tries()));
    try {
      Thread.sleep(pause.toMillis());
    } catch (InterruptedException e) {
      // The next failure ends it.
      Thread.currentThread().interrupt();
    }
  }

  private Duration pause(IOException failure) {
    Duration pause = settings.pause().multipliedBy(1L << Math.min(16, failures - 1));
    // Executors that failed together should not come back together.
    pause = pause.plus(pause.multipliedBy(ThreadLocalRandom.current().nextInt(100)).dividedBy(400));
    if (failure instanceof TryLater later && later.after() != null) {
      pause = later.after();
    }
    return pause.compareTo(LONGEST) > 0 ? LONGEST : pause;
  }

  /** What happened, for people. */
  static String reason(IOException failure) {
    if (failure instanceof HttpConnectTimeoutException) {
      return "the server does not answer";
    }
    if (failure instanceof HttpTimeoutException) {
      return "the server did not answer in time";
    }
    if (failure instanceof ConnectException) {
      return failure.getCause() instanceof UnresolvedAddressException
              || failure.getCause() instanceof ConnectException c
                  && c.getCause() instanceof UnresolvedAddressException
          ? "its host name is not known here"
          : "it refuses connections or cannot be reached";
    }
    String message = failure.getMessage();
    if (message == null) {
      return "the connection broke";
    }
    Throwable cause = failure.getCause();
    return cause == null || cause.getMessage() == null
        ? message
        : message + " (" + cause.getMessage() + ")";
  }
}
