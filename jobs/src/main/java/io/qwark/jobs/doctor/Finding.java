package io.qwark.jobs.doctor;

import java.util.Objects;

/**
 * One thing that was looked at.
 *
 * @param subject such as Java
 * @param found what it is
 * @param remedy what to do about it, or null where it is well
 */
public record Finding(Level level, String subject, String found, String remedy) {
  public Finding {
    Objects.requireNonNull(level);
    if ((level == Level.OK) != (remedy == null)) {
      throw new IllegalArgumentException("A remedy belongs to what is not well: " + subject);
    }
  }

  /** How well it is. */
  public enum Level {
    OK,
    /** It works, but not as it could. */
    WARN,
    /** Jobs cannot run. */
    FAIL
  }

  static Finding ok(String subject, String found) {
    return new Finding(Level.OK, subject, found, null);
  }

  static Finding warn(String subject, String found, String remedy) {
    return new Finding(Level.WARN, subject, found, remedy);
  }

  static Finding fail(String subject, String found, String remedy) {
    return new Finding(Level.FAIL, subject, found, remedy);
  }
}
