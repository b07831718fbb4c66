package io.qwark.jobs;

import io.qwark.engine.api.EngineOptions;
import io.qwark.engine.api.ModelFactory;
import io.qwark.jobs.model.FetchingFactory;

/** The engine that jobs run on. */
final class Models {
  private Models() {}

  static ModelFactory factory(EngineOptions options) {
    return new FetchingFactory(options);
  }
}
