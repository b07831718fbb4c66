package io.qwark.engine.api;

import java.io.Serializable;

/**
 * Loads replicas where they are needed: what is sent to executors instead of a model. Equal
 * factories make the same model, so implement {@code equals} (a record does).
 */
@FunctionalInterface
public interface ModelFactory extends Serializable {

  /**
   * Loads a replica. Takes seconds to minutes.
   *
   * @throws UserException if the model or the placement cannot be used
   */
  TextModel load(Placement placement);
}
