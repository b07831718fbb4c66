package io.qwark.engine.source;

import io.qwark.engine.api.UserException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Chooses GGUF files: one, or all parts of one that was split. */
final class Ggufs {
  private static final int MOST_NAMED = 12;
  private static final Pattern PART = Pattern.compile("(.*)-\\d{5}-of-(\\d{5})\\.gguf");

  private Ggufs() {}

  static boolean isGguf(RemoteFile file) {
    return file.name().endsWith(".gguf") && !file.name().startsWith("mmproj");
  }

  /** The file of this name, or the one whose name holds this quantization. */
  static NeededFiles named(RemoteFiles remote, String wanted) {
    Map<String, List<RemoteFile>> models = models(remote);
    for (List<RemoteFile> parts : models.values()) {
      if (parts.stream().anyMatch(p -> p.path().equals(wanted))) {
        return of(parts);
      }
    }
    String word = wanted.toLowerCase(Locale.ROOT);
    List<List<RemoteFile>> matches =
        models.entrySet().stream()
            .filter(m -> words(m.getKey()).contains(word))
            .map(Map.Entry::getValue)
            .toList();
    if (matches.size() == 1) {
      return of(matches.get(0));
    }
    throw new UserException(
        "Cannot fetch " + remote.name(),
        (matches.isEmpty() ? "it has no GGUF file " : "more than one GGUF file fits ")
            + NeededFiles.shown(wanted),
        models.isEmpty() ? "Leave the file's name out" : "Choose among " + names(models));
  }

  static NeededFiles only(RemoteFiles remote) {
    Map<String, List<RemoteFile>> models = models(remote);
    if (models.size() == 1) {
      return of(models.values().iterator().next());
    }
    throw new UserException(
        "Cannot fetch " + remote.name(),
        "it holds " + models.size() + " GGUF models",
        "Name one of them after a colon, such as OWNER/NAME:FILE: " + names(models));
  }

  /** Parts of a file in their order, by the name they would have as one. */
  private static Map<String, List<RemoteFile>> models(RemoteFiles remote) {
    return remote.files().stream()
        .filter(Ggufs::isGguf)
        .sorted((a, b) -> a.path().compareTo(b.path()))
        .collect(Collectors.groupingBy(Ggufs::whole, TreeMap::new, Collectors.toList()));
  }

  private static String whole(RemoteFile file) {
    Matcher part = PART.matcher(file.path());
    return part.matches() ? part.group(1) + ".gguf" : file.path();
  }

  private static NeededFiles of(List<RemoteFile> parts) {
    Matcher part = PART.matcher(parts.get(0).path());
    if (part.matches() && Integer.parseInt(part.group(2)) != parts.size()) {
      throw new UserException(
          "Cannot fetch " + parts.get(0).path(),
          parts.size() + " of its " + Integer.parseInt(part.group(2)) + " parts are there",
          "Choose another file");
    }
    return new NeededFiles(parts, parts.get(0).path());
  }

  /** What a name is made of: {@code qwen3-4b-q4_k_m.gguf} of qwen3, 4b and q4_k_m. */
  private static List<String> words(String path) {
    String name = path.substring(path.lastIndexOf('/') + 1).toLowerCase(Locale.ROOT);
    return List.of(name.substring(0, name.length() - ".gguf".length()).split("[-.]"));
  }

  private static String names(Map<String, List<RemoteFile>> models) {
    String names =
        models.values().stream()
            .limit(MOST_NAMED)
            .map(parts -> parts.get(0).path())
            .collect(Collectors.joining(", "));
    return models.size() > MOST_NAMED ? names + ", …" : names;
  }
}
