package io.qwark.udf;

import io.qwark.engine.api.SamplingParams;
import io.qwark.engine.api.TextModel;
import java.util.List;

/**
 * What a task works with once there is a replica: the shared model and what is the task's own.
 *
 * @param leave called once, at the end
 */
record ModelSession(
    TextModel model,
    SamplingParams params,
    SampleWindow window,
    List<EventCount> events,
    Runnable leave)
    implements AutoCloseable {

  /** Cancels what is under way. */
  @Override
  public void close() {
    window.close();
    leave.run();
  }
}
