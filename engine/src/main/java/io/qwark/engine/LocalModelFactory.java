package io.qwark.engine;

import io.qwark.engine.api.EngineOptions;
import io.qwark.engine.api.ModelFactory;
import io.qwark.engine.api.Placement;
import io.qwark.engine.api.TextModel;
import java.util.Objects;

/** Loads a replica of a model that lies on this host, see {@link Models}. */
public record LocalModelFactory(EngineOptions options) implements ModelFactory {
  private static final long serialVersionUID = 1L;

  public LocalModelFactory {
    Objects.requireNonNull(options);
  }

  @Override
  public TextModel load(Placement placement) {
    return LocalModel.load(options, placement);
  }
}
