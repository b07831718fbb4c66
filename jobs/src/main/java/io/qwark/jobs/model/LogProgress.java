package io.qwark.jobs.model;

import io.qwark.engine.source.FetchProgress;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells the log how far a fetch is, for executors. */
final class LogProgress implements FetchProgress {
  private static final Logger LOG = LoggerFactory.getLogger(LogProgress.class);
  private static final long SECONDS_BETWEEN_LINES = 10;

  private String model;
  private long total;
  private long present;
  private long done;
  private long began;
  private long last;

  @Override
  public void begin(String name, int files, long bytes, long presentBytes) {
    model = name;
    total = bytes;
    present = presentBytes;
    done = presentBytes;
    began = System.nanoTime();
    last = began;
    LOG.info(
        "Fetching {}: {} files, {} MB, of which {} MB are there", name, files, mb(bytes), mb(done));
  }

  @Override
  public void advance(long bytes) {
    done += bytes;
    long now = System.nanoTime();
    if (now - last >= TimeUnit.SECONDS.toNanos(SECONDS_BETWEEN_LINES)) {
      last = now;
      double rate = (done - present) * 1e3 / (now - began);
      LOG.info(
          "Fetching {}: {} of {} MB, {} MB/s",
          model,
          mb(done),
          mb(total),
          String.format(Locale.ROOT, "%.1f", rate));
    }
  }

  private static long mb(long bytes) {
    return Math.round(bytes / 1e6);
  }

  @Override
  public void note(String text) {
    LOG.warn(text);
  }

  @Override
  public void end() {
    LOG.info(
        "Fetched {} of {} MB of {} in {} s",
        mb(done),
        mb(total),
        model,
        TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - began));
  }
}
