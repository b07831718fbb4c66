package io.qwark.engine.cuda;

import io.qwark.engine.api.UserException;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The cards that this process may use.
 *
 * @param driver version of NVIDIA's driver and the newest CUDA that it serves, for people; null
 *     where it does not tell
 * @param all in the order of their indexes; empty unless the state is {@link State#READY}
 * @param reason why there are none; null if there are some
 * @param remedy what to do about it; null if there are some
 */
public record Cards(State state, String driver, List<CudaCard> all, String reason, String remedy) {

  /** What was found. */
  public enum State {
    /** At least one card. */
    READY,
    /** No driver, or not the part of it that programs load. */
    NO_DRIVER,
    /** A driver without a card. */
    NO_CARD,
    /** CUDA_VISIBLE_DEVICES leaves none. */
    HIDDEN,
    /** There may be cards, but the driver does not start. */
    FAILED
  }

  public Cards {
    all = List.copyOf(all);
    if ((state == State.READY) == all.isEmpty()
        || (state == State.READY) != (reason == null)
        || (reason == null) != (remedy == null)) {
      throw new IllegalArgumentException(state + ", " + all + ", " + reason + ", " + remedy);
    }
  }

  static Cards ready(String driver, List<CudaCard> all) {
    return new Cards(State.READY, driver, all, null, null);
  }

  static Cards none(State state, String driver, String reason, String remedy) {
    return new Cards(state, driver, List.of(), reason, remedy);
  }

  /**
   * The card of a replica's device.
   *
   * @param device {@code cuda:N}
   * @throws UserException if there is none
   */
  public CudaCard require(String device) {
    String problem = "Cannot place a replica on " + device;
    int index = index(device);
    if (state != State.READY) {
      throw new UserException(problem, reason, remedy);
    }
    if (index >= all.size()) {
      throw new UserException(
          problem,
          "this process sees %d card%s: %s"
              .formatted(
                  all.size(),
                  all.size() == 1 ? "" : "s",
                  all.stream()
                      .map(card -> card.device() + " " + card.name())
                      .collect(Collectors.joining(", "))),
          "Let the discovery script announce these only, and see whether CUDA_VISIBLE_DEVICES hides"
              + " others");
    }
    return all.get(index);
  }

  /**
   * N of {@code cuda:N}.
   *
   * @throws UserException if it is none
   */
  public static int index(String device) {
    if (!device.matches("cuda:\\d{1,4}")) {
      throw new UserException(
          "Cannot place a replica on " + device,
          "a device is cpu or cuda:N, N from 0 to 9999",
          "Let the discovery script announce the indexes of cards");
    }
    return Integer.parseInt(device.substring("cuda:".length()));
  }
}
