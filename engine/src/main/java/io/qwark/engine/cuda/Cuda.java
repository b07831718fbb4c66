package io.qwark.engine.cuda;

import com.sun.jna.Native;
import io.qwark.engine.api.UserException;
import io.qwark.engine.cuda.Cards.State;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * Asks NVIDIA's driver about cards. What it says holds for this process: the driver reads
 * CUDA_VISIBLE_DEVICES once, at the first question.
 */
public final class Cuda {
  private static final String LIBRARY = "libcuda.so.1";
  private static final String VISIBLE = "CUDA_VISIBLE_DEVICES";

  private Cuda() {}

  /** Does not go onto the cards, so that it takes none of their memory. */
  public static Cards look() {
    return look(LIBRARY, System.getenv(VISIBLE), Path.of("/"));
  }

  /**
   * Goes onto the card for a moment; that takes part of a second and some hundred MB of it if
   * nothing else of this process is there.
   *
   * @throws UserException if the driver does not let this process onto the card
   */
  public static CardMemory memory(CudaCard card) {
    return memory(LIBRARY, card);
  }

  static CardMemory memory(String library, CudaCard card) {
    try {
      return CudaDriver.load(library).look(card.index());
    } catch (DriverException e) {
      throw new UserException(
          "Cannot use " + card.title(),
          e.getMessage(),
          switch (e.code()) {
            case DriverException.OUT_OF_MEMORY ->
                "Free memory of the card: nvidia-smi lists who holds it";
            case DriverException.DEVICE_UNAVAILABLE ->
                "End the process that has the card to itself, or set its compute mode to default"
                    + " (nvidia-smi -c 0)";
            default -> "Check the card with nvidia-smi";
          },
          e);
    }
  }

  /**
   * @param visible CUDA_VISIBLE_DEVICES, or null if it is not set
   * @param root below which /proc and /sys are looked for
   */
  static Cards look(String library, String visible, Path root) {
    String version = line(root.resolve("sys/module/nvidia/version"));
    String jna = jnaObstacle();
    if (jna != null) {
      return Cards.none(
          State.FAILED,
          version,
          "JNA, through which the driver is asked, cannot load its own library (" + jna + ")",
          "Set -Djna.tmpdir to a folder whose files may be executed");
    }
    CudaDriver driver;
    try {
      driver = CudaDriver.load(library);
    } catch (UnsatisfiedLinkError e) {
      return noLibrary(library, version, root, e.getMessage());
    }
    return ask(driver, library, version, visible, root);
  }

  /** Null if there is none. */
  private static String jnaObstacle() {
    try {
      return Native.POINTER_SIZE == Long.BYTES ? null : "it is for another platform";
    } catch (UnsatisfiedLinkError | NoClassDefFoundError e) {
      return e.getMessage();
    }
  }

  private static Cards ask(
      CudaDriver driver, String library, String version, String visible, Path root) {
    String told = version;
    try {
      told = (version == null ? "" : version + ", ") + "CUDA " + driver.cuda();
      driver.init();
      List<CudaCard> cards = new ArrayList<>();
      for (int i = 0, count = driver.count(); i < count; i++) {
        cards.add(driver.card(i));
      }
      return cards.isEmpty() ? noCard(told, visible, root) : Cards.ready(told, cards);
    } catch (DriverException e) {
      return e.code() == DriverException.NO_DEVICE ? noCard(told, visible, root) : failed(told, e);
    } catch (UnsatisfiedLinkError e) {
      return Cards.none(
          State.FAILED,
          told,
          library + " is no driver of NVIDIA's, or one from before CUDA 11: " + e.getMessage(),
          "Install a newer driver");
    }
  }

  private static Cards noLibrary(String library, String version, Path root, String why) {
    // Java's message may go on with the places that were searched.
    String first = why.lines().findFirst().orElse(why);
    if (!Files.isDirectory(root.resolve("proc/driver/nvidia"))) {
      return Cards.none(
          State.NO_DRIVER,
          null,
          "there is no NVIDIA driver on this machine (" + first + ")",
          "Install the driver, or leave out spark.executor.resource.gpu.* and"
              + " spark.task.resource.gpu.*");
    }
    return Cards.none(
        State.NO_DRIVER,
        version,
        "the kernel has NVIDIA's driver, but " + library + " cannot be loaded (" + first + ")",
        "Hand the cards to the container (docker run --gpus all, or nvidia.com/gpu among the limits"
            + " of a pod); outside of one, install the driver's libraries");
  }

  private static Cards noCard(String driver, String visible, Path root) {
    if (visible == null || isEmpty(root.resolve("proc/driver/nvidia/gpus"))) {
      return Cards.none(
          State.NO_CARD,
          driver,
          "NVIDIA's driver finds no card",
          "See what nvidia-smi -L lists; in a container, hand cards to it (docker run --gpus all,"
              + " or nvidia.com/gpu among the limits of a pod)");
    }
    return Cards.none(
        State.HIDDEN,
        driver,
        VISIBLE + "=" + visible + " leaves this process no card",
        "Unset " + VISIBLE + ", or let it name cards that nvidia-smi -L lists");
  }

  private static Cards failed(String driver, DriverException failure) {
    return Cards.none(
        State.FAILED,
        driver,
        "NVIDIA's driver does not start: " + failure.getMessage(),
        switch (failure.code()) {
          case DriverException.STUB_LIBRARY ->
              "Take the folder with CUDA's stubs out of LD_LIBRARY_PATH";
          case DriverException.SYSTEM_NOT_READY ->
              "Wait until nvidia-fabricmanager has started, or start it";
          case DriverException.SYSTEM_DRIVER_MISMATCH ->
              "Restart the machine: the driver in the kernel and its libraries are of different"
                  + " versions";
          default -> "Run nvidia-smi as the same user; it says more";
        });
  }

  /** Whether the kernel lists no card; false where it has no list. */
  private static boolean isEmpty(Path gpus) {
    if (!Files.isDirectory(gpus)) {
      return false;
    }
    try (Stream<Path> entries = Files.list(gpus)) {
      return entries.findAny().isEmpty();
    } catch (IOException e) {
      return false;
    }
  }

  /** A file's first line, or null. */
  private static String line(Path file) {
    try (Stream<String> lines = Files.lines(file)) {
      return lines.findFirst().map(String::strip).orElse(null);
    } catch (IOException e) {
      return null;
    }
  }
}
