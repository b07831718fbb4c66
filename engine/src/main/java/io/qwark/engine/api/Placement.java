package io.qwark.engine.api;

/**
 * Where a replica is to stand.
 *
 * @param device cpu or cuda:N
 * @param processors that the replica may count as its own: all that its process sees, or fewer
 *     where several processes with replicas share a host
 */
public record Placement(String device, int processors) {
  public Placement {
    if (processors < 1) {
      throw new IllegalArgumentException("a replica on " + processors + " processors");
    }
  }

  /** On the CPU, with every processor of this process. */
  public static Placement cpu() {
    return new Placement("cpu", Runtime.getRuntime().availableProcessors());
  }

  /** Part of the processors of this process that is the replica's, and of the memory likewise. */
  public double share() {
    return Math.min(1, (double) processors / Runtime.getRuntime().availableProcessors());
  }
}
