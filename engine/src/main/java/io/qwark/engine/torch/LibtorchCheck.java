package io.qwark.engine.torch;

import io.qwark.engine.api.UserException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * Whether the libtorch that DJL is about to load and the library that binds it to Java belong
 * together. One that was built for another libtorch loads at times and then ends the JVM, so
 * nothing is loaded before the two agree.
 */
final class LibtorchCheck {
  static final String PATH = "PYTORCH_LIBRARY_PATH";
  static final String VERSION = "PYTORCH_VERSION";
  static final String FLAVOR = "PYTORCH_FLAVOR";

  private static final String PROBLEM = "Cannot load libtorch";
  private static final String BUILD =
      "Build the binding for this PyTorch with engine/native/build.sh and name its folder in "
          + PATH;

  /** The CUDA that DJL's own native library is built for. */
  private static final String OWN_CUDA = "cu128";

  private final BundledTorch bundled;
  private final UnaryOperator<String> settings;

  private LibtorchCheck(BundledTorch bundled, UnaryOperator<String> settings) {
    this.bundled = bundled;
    this.settings = settings;
  }

  /**
   * Looks at files only.
   *
   * @param settings value of a setting of DJL; null if it is not set
   * @return settings that DJL needs besides; they hold where the user has not set them
   * @throws UserException if libtorch and the library that binds it do not fit
   */
  static Map<String, String> settingsFor(BundledTorch bundled, UnaryOperator<String> settings) {
    LibtorchCheck check = new LibtorchCheck(bundled, settings);
    String pathList = check.setting(PATH);
    return pathList == null ? check.classPath() : check.folder(pathList);
  }

  private String setting(String name) {
    String value = settings.apply(name);
    return value == null || value.isBlank() ? null : value;
  }

  private Map<String, String> classPath() {
    String wanted = setting(VERSION);
    if (wanted != null && !release(wanted).equals(bundled.bound())) {
      throw refused(
          VERSION
              + " asks for "
              + wanted
              + ", and the library of DJL "
              + bundled.djl()
              + " fits libtorch "
              + bundled.bound()
              + " only",
          "Leave " + VERSION + " out, or name a folder with PyTorch in " + PATH);
    }
    String natives = bundled.natives();
    if (natives != null && !release(natives).equals(bundled.bound())) {
      throw refused(
          "the class path brings libtorch "
              + natives
              + ", and the library of DJL "
              + bundled.djl()
              + " fits libtorch "
              + bundled.bound()
              + " only",
          "Put pytorch-native of version " + bundled.bound() + " on the class path");
    }
    return Map.of();
  }

  private Map<String, String> folder(String pathList) {
    LibtorchFolder folder = LibtorchFolder.find(pathList).orElseThrow(() -> noFolder(pathList));
    Path path = folder.path();
    String version = version(folder);
    Map<String, String> defaults = new HashMap<>();
    defaults.put(VERSION, version);
    Optional<Path> library = folder.binding(bundled.djl());
    Optional<BindingMark> mark = library.flatMap(BindingMark::read);
    if (mark.isPresent()) {
      fits(library.get(), mark.get(), path, version);
    } else if (!release(version).equals(bundled.bound())) {
      throw refused(
          path
              + " holds PyTorch "
              + version
              + library
                  .map(file -> ", and " + file.getFileName() + " there is DJL's own")
                  .orElse("")
              + ", and the library of DJL "
              + bundled.djl()
              + " fits libtorch "
              + bundled.bound()
              + " only",
          BUILD);
    } else if (library.isEmpty()) {
      defaults.put(FLAVOR, flavor(folder));
    }
    return defaults;
  }

  private static UserException noFolder(String pathList) {
    List<Path> broken = LibtorchFolder.brokenLinks(pathList);
    if (!broken.isEmpty()) {
      return refused(
          broken.get(0) + " is a link to a file that is not on this host",
          "Put PyTorch where it was when the binding was built, or build the binding on this host"
              + " with engine/native/build.sh");
    }
    return refused(
        "there is no " + LibtorchFolder.LIBTORCH + " in " + pathList + ", which " + PATH + " names",
        "Name the folder that engine/native/build.sh has written, or leave " + PATH + " out");
  }

  private String version(LibtorchFolder folder) {
    String stated = setting(VERSION);
    String found = folder.version();
    if (found == null && stated == null) {
      throw refused(
          "nothing tells which PyTorch is in " + folder.path(),
          "Set " + VERSION + " to its version, such as " + bundled.bound());
    }
    if (found != null && stated != null && !release(found).equals(release(stated))) {
      throw refused(
          VERSION + " says " + stated + ", and " + folder.path() + " holds PyTorch " + found,
          "Leave " + VERSION + " out");
    }
    return found == null ? stated : found;
  }

  private void fits(Path library, BindingMark mark, Path folder, String version) {
    if (!mark.djl().equals(bundled.djl())) {
      throw refused(
          library + " was built for DJL " + mark.djl() + ", and this is DJL " + bundled.djl(),
          "Build it again with the engine/native/build.sh of this version");
    }
    // Where the user says which PyTorch it is, its build is left out at times.
    boolean same =
        version.contains("+")
            ? mark.torch().equals(version)
            : release(mark.torch()).equals(release(version));
    if (!same) {
      throw refused(
          library
              + " was built for PyTorch "
              + mark.torch()
              + ", and "
              + folder.resolve(LibtorchFolder.LIBTORCH)
              + " is of PyTorch "
              + version,
          "Build it again with engine/native/build.sh");
    }
  }

  /** DJL's own library comes in two builds, and DJL looks for a third where it is not told. */
  private static String flavor(LibtorchFolder folder) {
    try {
      return folder.hasCuda() ? OWN_CUDA : "cpu";
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A version without the build that follows it: 2.11.0+cu130 and 2.7.1-20250812 are of these. */
  private static String release(String version) {
    return version.split("[+-]", 2)[0];
  }

  private static UserException refused(String reason, String remedy) {
    return new UserException(PROBLEM, reason, remedy);
  }
}
