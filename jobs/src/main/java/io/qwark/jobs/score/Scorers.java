package io.qwark.jobs.score;

import io.qwark.engine.api.UserException;
import java.util.Comparator;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.apache.commons.text.similarity.LevenshteinDistance;

/** The scorers by the name that a configuration uses. */
public final class Scorers {
  private static final Map<String, Scorer> BY_NAME =
      new TreeMap<>(Map.of(BoxedInteger.NAME, new BoxedInteger()));

  private Scorers() {}

  /** The names that {@link #byName} knows, in alphabetical order. */
  public static Set<String> names() {
    return Set.copyOf(BY_NAME.keySet());
  }

  /**
   * The scorer of that name. Should it throw, the sample is {@link Verdict#UNSCORED}: a fault of
   * the scorer says nothing about the model.
   *
   * @throws UserException if there is no such scorer
   */
  public static Scorer byName(String name) {
    Scorer scorer = name == null ? null : BY_NAME.get(name);
    if (scorer == null) {
      throw new UserException(
          "Cannot score with '" + name + "'",
          "there is no scorer of that name; the nearest is '" + nearest(name) + "'",
          "Set scorer to one of: " + String.join(", ", BY_NAME.keySet()));
    }
    return guarded(scorer);
  }

  static Scorer guarded(Scorer scorer) {
    return (expectedAnswer, text) -> {
      try {
        return scorer.score(expectedAnswer, text);
      } catch (RuntimeException | StackOverflowError e) {
        return Score.unscored("The scorer failed: " + e);
      }
    };
  }

  private static String nearest(String name) {
    String wanted = name == null ? "" : name.toLowerCase(Locale.ROOT);
    LevenshteinDistance distance = LevenshteinDistance.getDefaultInstance();
    return BY_NAME.keySet().stream()
        .min(Comparator.comparingInt(known -> distance.apply(wanted, known)))
        .orElseThrow();
  }
}
