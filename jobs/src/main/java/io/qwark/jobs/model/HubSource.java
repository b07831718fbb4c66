package io.qwark.jobs.model;

import io.qwark.engine.hub.HubModel;
import io.qwark.engine.hub.ModelId;
import io.qwark.engine.source.FetchProgress;
import io.qwark.engine.source.Sketch;
import java.nio.file.Path;

/** A model of Hugging Face or ModelScope. */
final class HubSource implements ModelSource {
  private final HubModel model;

  HubSource(ModelId id, FetchProgress progress) {
    model = HubModel.of(id, progress);
  }

  @Override
  public String pin() {
    return model.pin().toString();
  }

  @Override
  public boolean isUnknownHere() {
    return model.isOffline() && !model.isCached();
  }

  @Override
  public Path fetch() {
    return model.fetch();
  }

  @Override
  public Sketch sketch() {
    return model.sketch();
  }

  @Override
  public String license() {
    return model.license();
  }
}
