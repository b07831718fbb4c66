package io.qwark.jobs.model;

import io.qwark.engine.LocalModelFactory;
import io.qwark.engine.api.EngineOptions;
import io.qwark.engine.api.ModelFactory;
import io.qwark.engine.api.Placement;
import io.qwark.engine.api.TextModel;

/**
 * Loads a replica of a model from anywhere; what is not on the executor's host is fetched first.
 *
 * @param options whose model is a whole name, see {@link io.qwark.jobs.config.ModelNames}
 */
public record FetchingFactory(EngineOptions options) implements ModelFactory {
  private static final long serialVersionUID = 1L;

  @Override
  public TextModel load(Placement placement) {
    ModelSource source = ModelSource.of(options.model(), new LogProgress());
    EngineOptions local = source == null ? options : options.withModel(source.fetch().toString());
    return new LocalModelFactory(local).load(placement);
  }
}
