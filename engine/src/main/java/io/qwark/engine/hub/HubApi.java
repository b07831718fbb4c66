package io.qwark.engine.hub;

import io.qwark.engine.api.UserException;
import java.net.URI;
import java.util.Map;

/** What the program interface of a hub says. */
interface HubApi {
  /**
   * Resolves the revision and lists the files.
   *
   * @throws UserException if the model is not there or may not be read, or the hub cannot be
   *     reached
   */
  Listing list(ModelId id);

  /** Where a file's content is. */
  URI content(ModelId id, HubFile file);

  /** Headers that tell the hub who asks; for the endpoint alone. */
  Map<String, String> credentials();

  /** Turns an answer that says no into what the user can do about it. */
  UserException refused(ModelId id, HttpAnswer answer);
}
