package io.qwark.jobs.config;

import io.qwark.engine.hub.ModelId;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The ways to name a model: a path of the local file system, a Hadoop path with its scheme, or an
 * id {@code [hf://|modelscope://]OWNER/NAME[@REVISION][:FILE]}. What could be both a local path and
 * an id is the path if that is there.
 */
public final class ModelNames {
  private static final String SCHEME = "[A-Za-z][A-Za-z0-9+.-]+://.*";

  private ModelNames() {}

  /**
   * The name that means the same in any working directory of any host: an absolute path, or an
   * address with its scheme.
   */
  public static String whole(String name) {
    if (ModelId.hasScheme(name)) {
      return ModelId.parse(name).toString();
    }
    boolean isPath =
        name.startsWith("file:") || name.matches(SCHEME) || Files.exists(Path.of(name));
    return !isPath && ModelId.isId(name)
        ? ModelId.parse(name).toString()
        : LocalPaths.absolute(name);
  }

  /** Whether a whole name is a path of the local file system. */
  public static boolean isLocal(String whole) {
    return !whole.matches(SCHEME);
  }
}
