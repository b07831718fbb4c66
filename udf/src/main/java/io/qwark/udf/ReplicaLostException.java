package io.qwark.udf;

import io.qwark.engine.api.ModelInfo;

/**
 * Ends a task whose replica cannot be brought back. Its rows are not to blame, so they get no error
 * rows: another attempt computes them anew, elsewhere if Spark is told to keep away from here. Has
 * no cause, which would hide the one line that says it all; that is in the executor's log.
 */
final class ReplicaLostException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  ReplicaLostException(String executorId, ModelInfo model, String reason) {
    super(
        ("The replica on %s of executor %s is lost: %s; the task's rows are to be computed by"
                + " another executor, which takes spark.excludeOnFailure.enabled=true and an"
                + " executor whose replica works")
            .formatted(model.device(), executorId, reason.lines().findFirst().orElse("")));
  }
}
