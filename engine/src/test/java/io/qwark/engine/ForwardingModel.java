package io.qwark.engine;

import io.qwark.engine.model.ForwardModel;
import io.qwark.engine.model.StepScores;
import io.qwark.engine.schedule.CacheMove;
import io.qwark.engine.schedule.PackedStep;

/** Does what another model does, but for decoding ahead, for tests that change some of it. */
abstract class ForwardingModel implements ForwardModel {
  final ForwardModel model;

  ForwardingModel(ForwardModel model) {
    this.model = model;
  }

  @Override
  public boolean rowsIndependent() {
    return model.rowsIndependent();
  }

  @Override
  public boolean sharesBeginnings() {
    return model.sharesBeginnings();
  }

  @Override
  public void move(CacheMove move) {
    model.move(move);
  }

  @Override
  public StepScores step(PackedStep step) {
    return model.step(step);
  }

  @Override
  public void close() {
    model.close();
  }
}
