package io.qwark.engine.torch;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A folder that holds libtorch.
 *
 * @param path with libtorch.so, or a link to it, and perhaps the library that binds it to Java
 * @param version of the PyTorch that libtorch.so belongs to; null if nothing tells it
 */
record LibtorchFolder(Path path, String version) {
  static final String LIBTORCH = System.mapLibraryName("torch");

  private static final int MOST_BYTES = 1 << 16;

  /** In version.py of a Python package: {@code __version__ = '2.11.0+cu130'}. */
  private static final Pattern PACKAGE =
      Pattern.compile("(?m)^__version__[^=\\n]*=\\s*['\"]([0-9A-Za-z.+_-]{1,80})['\"]");

  /** In build-version of a libtorch that was downloaded without Python. */
  private static final Pattern DOWNLOAD = Pattern.compile("\\s*([0-9][0-9A-Za-z.+_-]{0,79})\\s*");

  /** DJL's cache: {@code 2.7.1-20250812-cpu-linux-x86_64}. */
  private static final Pattern DJL_CACHE =
      Pattern.compile("(\\d+\\.\\d+\\.\\d+)(-\\d+)?-(cpu|cu\\d+)(-precxx11)?-linux-\\w+");

  /** The first folder of a path list that DJL would take; empty if it would take none. */
  static Optional<LibtorchFolder> find(String pathList) {
    for (String entry : pathList.split(File.pathSeparator)) {
      File named = new File(entry);
      if (named.isFile() && named.getName().equals(LIBTORCH)) {
        return Optional.of(of(named.getAbsoluteFile().getParentFile().toPath()));
      } else if (new File(entry, LIBTORCH).isFile()) {
        return Optional.of(of(named.getAbsoluteFile().toPath()));
      }
    }
    return Optional.empty();
  }

  /** Links to a libtorch.so that is not there, as where the folder was made on another host. */
  static List<Path> brokenLinks(String pathList) {
    List<Path> broken = new ArrayList<>();
    for (String entry : pathList.split(File.pathSeparator)) {
      Path link = Path.of(entry, LIBTORCH);
      if (Files.isSymbolicLink(link) && !Files.exists(link)) {
        broken.add(link);
      }
    }
    return broken;
  }

  private static LibtorchFolder of(Path path) {
    try {
      // Where the version is written, the libraries lie in lib.
      Path libraries = path.resolve(LIBTORCH).toRealPath().getParent();
      Path home = libraries.getParent();
      String version = home == null ? null : match(PACKAGE, home.resolve("version.py"), false);
      if (version == null && home != null) {
        version = match(DOWNLOAD, home.resolve("build-version"), true);
      }
      if (version == null) {
        Matcher cache = DJL_CACHE.matcher(String.valueOf(libraries.getFileName()));
        version = cache.matches() ? cache.group(1) : null;
      }
      return new LibtorchFolder(path, version);
    } catch (IOException e) {
      return new LibtorchFolder(path, null);
    }
  }

  private static String match(Pattern pattern, Path file, boolean all) throws IOException {
    if (!Files.isRegularFile(file)) {
      return null;
    }
    try (InputStream in = Files.newInputStream(file)) {
      String text = new String(in.readNBytes(MOST_BYTES), StandardCharsets.UTF_8);
      Matcher matcher = pattern.matcher(text);
      return (all ? matcher.matches() : matcher.find()) ? matcher.group(1) : null;
    }
  }

  /** The library that DJL loads from the folder, by name; empty if it has to bring its own. */
  Optional<Path> binding(String djl) {
    String name = System.mapLibraryName("djl_torch");
    return List.of(djl + '-' + name, name).stream()
        .map(path::resolve)
        .filter(Files::exists)
        .findFirst();
  }

  /** Whether this libtorch is built for CUDA. */
  boolean hasCuda() throws IOException {
    Path libraries = path.resolve(LIBTORCH).toRealPath().getParent();
    return Files.exists(libraries.resolve(System.mapLibraryName("torch_cuda")));
  }
}
