package io.qwark.jobs;

import io.qwark.engine.LocalModelFactory;
import io.qwark.engine.api.EngineOptions;
import io.qwark.engine.api.ModelFactory;

/** The engine that jobs run on. */
final class Models {
  private Models() {}

  static ModelFactory factory(EngineOptions options) {
    return new LocalModelFactory(options);
  }
}
