package io.qwark.udf;

import io.qwark.engine.api.ErrorCode;
import io.qwark.engine.api.Generation;
import io.qwark.engine.api.RequestException;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.apache.spark.SparkEnv;
import org.apache.spark.sql.Row;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The rows of one task on their way through the model. Each call for a row first fills the window
 * again, then hands out one finished sample, in a batch of its own: so the place that a short
 * sample leaves is taken at once, whatever the long ones do.
 */
final class GeneratingIterator implements Iterator<List<Row>>, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(GeneratingIterator.class);

  private final SampleIterator samples;
  private final InferenceMetrics metrics;
  private final Supplier<ModelSession> opener;
  private final BooleanSupplier killed;

  private ModelSession session;
  private boolean toldOfBug;

  /**
   * @param opener called once, at the first good row: a task without one needs no model
   * @param killed whether Spark wants the task to end
   */
  GeneratingIterator(
      SampleIterator samples,
      InferenceMetrics metrics,
      Supplier<ModelSession> opener,
      BooleanSupplier killed) {
    this.samples = samples;
    this.metrics = metrics;
    this.opener = opener;
    this.killed = killed;
  }

  @Override
  public boolean hasNext() {
    return (session != null && !session.window().isEmpty()) || samples.hasNext();
  }

  @Override
  public List<Row> next() {
    if (!hasNext()) {
      throw new NoSuchElementException();
    }
    while ((session == null || session.window().hasRoom()) && samples.hasNext()) {
      Sample sample = samples.next();
      if (sample.badRow() != null) {
        return error(sample, sample.badRow().code(), sample.badRow().getMessage());
      }
      submit(sample);
    }
    SampleWindow.Finished finished = session.window().take(killed);
    session.events().forEach(EventCount::tell);
    return result(finished);
  }

  /** Cancels what is under way; called when the task ends. */
  @Override
  public void close() {
    if (session != null) {
      session.close();
    }
  }

  private void submit(Sample sample) {
    if (session == null) {
      session = opener.get();
    }
    CompletableFuture<Generation> future;
    try {
      future = session.model().submit(sample.prompt(), sample.index(), session.params());
    } catch (RuntimeException e) {
      future = CompletableFuture.failedFuture(e);
    }
    session.window().add(sample, future);
  }

  private List<Row> result(SampleWindow.Finished finished) {
    Sample sample = finished.sample();
    if (finished.failure() == null) {
      metrics.countOk(finished.generation());
      long seed = session.params().seed();
      Row generation = GenerationRows.ok(sample.index(), seed, finished.generation());
      return List.of(GenerationRows.append(sample.row(), generation));
    }
    Throwable failure = finished.failure();
    if (failure instanceof CompletionException && failure.getCause() != null) {
      failure = failure.getCause();
    }
    if (failure instanceof RequestException lost && lost.code() == ErrorCode.REPLICA_LOST) {
      LOG.error("The replica is lost", lost);
      throw new ReplicaLostException(
          SparkEnv.get().executorId(), session.model().info(), lost.getMessage());
    }
    if (failure instanceof RequestException request && request.code() != ErrorCode.CANCELLED) {
      return error(sample, request.code(), request.getMessage());
    }
    if (failure instanceof RequestException || failure instanceof CancellationException) {
      // Nobody here cancelled it. It says nothing about the row, so it must not end in its result.
      throw new IllegalStateException(
          "The replica was closed while samples were under way", failure);
    }
    if (!toldOfBug) {
      LOG.error(
          "A request failed of something that is not its own; it becomes an error row", failure);
      toldOfBug = true;
    }
    return error(sample, ErrorCode.ENGINE_FAILURE, failure.toString());
  }

  private List<Row> error(Sample sample, ErrorCode code, String message) {
    metrics.samplesError.add(1L);
    Row generation = GenerationRows.error(sample.index(), code, message);
    return List.of(GenerationRows.append(sample.row(), generation));
  }
}
