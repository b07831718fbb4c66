package io.qwark.jobs.doctor;

import io.qwark.engine.Footprint;
import io.qwark.engine.api.Quantization;
import io.qwark.engine.api.UserException;
import io.qwark.engine.cuda.CardMemory;
import io.qwark.engine.cuda.Cards;
import io.qwark.engine.cuda.CudaCard;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** The cards of this machine, and whether the libtorch that is loaded can use them. */
final class Gpus {
  private static final String DEVICES = "Devices";

  /** Where one gets a libtorch that can. */
  private static final String CUDA_BUILD =
      "Set PYTORCH_LIBRARY_PATH to the libraries of a PyTorch that was built for CUDA, and for a CUDA"
          + " that the driver serves; docs/gpu.md says how";

  private Gpus() {}

  /**
   * @param memory asks a card
   */
  static List<Finding> look(Cards cards, Function<CudaCard, CardMemory> memory) {
    List<Finding> findings = new ArrayList<>();
    findings.add(devices(cards));
    cards.all().forEach(card -> findings.add(card(card, memory)));
    return findings;
  }

  private static Finding devices(Cards cards) {
    String told = cards.driver() == null ? "" : ", NVIDIA driver " + cards.driver();
    return switch (cards.state()) {
      case READY ->
          Finding.ok(
              DEVICES,
              "CPU and %d GPU%s%s"
                  .formatted(cards.all().size(), cards.all().size() == 1 ? "" : "s", told));
      case NO_DRIVER ->
          told.isEmpty()
              ? Finding.ok(DEVICES, "CPU (no GPU)")
              : Finding.warn(DEVICES, "CPU only: " + cards.reason() + told, cards.remedy());
      case NO_CARD, HIDDEN, FAILED ->
          Finding.warn(DEVICES, "CPU only: " + cards.reason() + told, cards.remedy());
    };
  }

  private static Finding card(CudaCard card, Function<CudaCard, CardMemory> memory) {
    String subject = "GPU " + card.device();
    String found = card.name() + ", compute capability " + card.capability();
    try {
      CardMemory now = memory.apply(card);
      found += ", %s, %s free".formatted(Machine.gib(now.total()), Machine.gib(now.free()));
    } catch (UserException e) {
      return Finding.warn(
          subject, found + ", " + Machine.gib(card.memory()) + ": " + e.reason(), e.remedy());
    }
    return Footprint.serves(card, Quantization.BFLOAT16)
        ? Finding.ok(subject, found)
        : Finding.warn(
            subject,
            "%s; all but float32 needs %s or higher"
                .formatted(found, Footprint.leastCapability(Quantization.BFLOAT16)),
            "Let the discovery script leave this card out, or use one of the Ampere generation or"
                + " newer");
  }

  /**
   * Whether replicas can stand on the cards.
   *
   * @param torchVersion of the libtorch that is loaded
   * @param servesCuda whether that is a build for CUDA, and one that the driver serves
   */
  static Finding torch(Cards cards, String torchVersion, boolean servesCuda) {
    String subject = "libtorch and GPUs";
    if (cards.state() != Cards.State.READY) {
      return Finding.ok(subject, "replicas stand on the CPU: there is no GPU that can be used");
    }
    return servesCuda
        ? Finding.ok(
            subject,
            "libtorch %s serves CUDA: replicas stand on a GPU where Spark gives one to their tasks"
                    .formatted(torchVersion)
                + " (spark.task.resource.gpu.amount), on the CPU elsewhere")
        : Finding.warn(
            subject,
            "libtorch %s serves no CUDA here: replicas can stand on the CPU only"
                .formatted(torchVersion),
            CUDA_BUILD);
  }
}
