package io.qwark.engine.source;

import java.util.regex.Pattern;

/**
 * A file of a model that lies elsewhere.
 *
 * @param path below the model's folder, with slashes; safe to use below a local folder
 * @param size in bytes
 */
public record RemoteFile(String path, long size) {
  private static final Pattern ODD = Pattern.compile("[^\\p{Alnum}._+=@,()\\[\\] /-]");

  public RemoteFile {
    if (size < 0 || !isSafe(path)) {
      throw new IllegalArgumentException("a remote file " + path + " of " + size + " bytes");
    }
  }

  /**
   * Whether a name that came from elsewhere stays below the folder that it is put in: no absolute
   * paths, no steps upwards, nothing hidden, no characters that shells or file systems treat
   * specially.
   */
  public static boolean isSafe(String path) {
    if (path.isEmpty() || path.length() > 400 || ODD.matcher(path).find()) {
      return false;
    }
    for (String part : path.split("/", -1)) {
      if (part.isEmpty() || part.startsWith(".") || part.isBlank() || part.length() > 200) {
        return false;
      }
    }
    return true;
  }

  /** The last part of the path. */
  public String name() {
    return path.substring(path.lastIndexOf('/') + 1);
  }

  /** Whether the file is in the model's folder itself. */
  public boolean isTop() {
    return path.indexOf('/') < 0;
  }
}
