package io.qwark.engine.api;

import java.util.Objects;

/**
 * A mistake the user can mend: in configuration, input or environment. Its message states the
 * problem, its cause and the remedy; programs print it without a stack trace. Anything else that is
 * thrown is a bug or a native failure.
 */
public final class UserException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final String problem;
  private final String reason;
  private final String remedy;

  public UserException(String problem, String reason, String remedy) {
    this(problem, reason, remedy, null);
  }

  public UserException(String problem, String reason, String remedy, Throwable underlying) {
    super(problem + ": " + reason + ". " + remedy + ".", underlying);
    this.problem = Objects.requireNonNull(problem);
    this.reason = Objects.requireNonNull(reason);
    this.remedy = Objects.requireNonNull(remedy);
  }

  /** What did not work, without a full stop, such as {@code Cannot read /models/x}. */
  public String problem() {
    return problem;
  }

  /** Why, without a full stop. */
  public String reason() {
    return reason;
  }

  /** What to do about it, as a sentence without a full stop. */
  public String remedy() {
    return remedy;
  }
}
