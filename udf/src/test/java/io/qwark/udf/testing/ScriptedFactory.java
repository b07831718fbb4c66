package io.qwark.udf.testing;

import io.qwark.engine.api.ModelFactory;
import io.qwark.engine.api.Placement;
import io.qwark.engine.api.TextModel;
import io.qwark.engine.api.UserException;
import java.util.Locale;

/**
 * Loads {@link ScriptedModel}s. Factories of the same name are equal, so a test that wants a
 * replica of its own chooses a name of its own.
 *
 * @param maxNumSeqs what the model says it works on at a time
 * @param loadMs how long loading takes
 * @param loadFailure what loading fails with: null, {@code user} or {@code bug}
 */
public record ScriptedFactory(String name, int maxNumSeqs, long loadMs, String loadFailure)
    implements ModelFactory {

  public static ScriptedFactory named(String name) {
    return new ScriptedFactory(name, 8, 0, null);
  }

  @Override
  public TextModel load(Placement placement) {
    String device = placement.device();
    ScriptedModel.Counts counts = ScriptedModel.counts(name);
    counts.loads.incrementAndGet();
    try {
      Thread.sleep(loadMs);
    } catch (InterruptedException e) {
      throw new IllegalStateException("nobody should interrupt loading", e);
    }
    if ("user".equals(loadFailure)) {
      throw new UserException(
          "Cannot read " + name,
          "line one\nline two: a \\ and a ü",
          "Look again",
          new IllegalArgumentException(String.format(Locale.ROOT, "%s", device)));
    }
    if ("bug".equals(loadFailure)) {
      throw new UnsatisfiedLinkError("no such library");
    }
    return new ScriptedModel(this, placement, counts);
  }
}
