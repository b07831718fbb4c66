package io.qwark.jobs.doctor;

import io.qwark.engine.NativeLibraries;
import io.qwark.engine.api.Placement;
import io.qwark.engine.api.UserException;
import io.qwark.engine.cuda.CardMemory;
import io.qwark.engine.cuda.Cards;
import io.qwark.engine.cuda.Cuda;
import io.qwark.engine.cuda.CudaCard;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Looks at everything that a job needs. Starts no Spark and loads no model. */
public final class Doctor {
  private Doctor() {}

  /**
   * @param model a model folder, or null for none
   */
  public static List<Finding> examine(Path model) {
    List<Finding> findings = new ArrayList<>(Machine.look());
    Cards cards = Cuda.look();
    findings.addAll(Gpus.look(cards, Cuda::memory));
    findings.addAll(Environment.look(System.getenv()));
    findings.addAll(Natives.look(cards));
    if (model != null) {
      List<Finding> parts = ModelLook.at(model);
      findings.addAll(parts);
      if (isWell(parts)) {
        findings.addAll(PlanLook.at(model, Placement.cpu()));
        if (!cards.all().isEmpty() && NativeLibraries.libtorchServesCuda()) {
          findings.addAll(onFirstCard(model, cards.all().get(0)));
        }
      }
    }
    return findings;
  }

  private static List<Finding> onFirstCard(Path model, CudaCard card) {
    CardMemory now;
    try {
      now = Cuda.memory(card);
    } catch (UserException e) {
      // The finding about the card says so already.
      return List.of();
    }
    return PlanLook.onCard(model, card, now);
  }

  /** One line each, and a second one with what to do. */
  public static void print(List<Finding> findings, PrintWriter out) {
    for (Finding finding : findings) {
      out.printf("%-4s  %-17s  %s%n", finding.level(), finding.subject(), finding.found());
      if (finding.remedy() != null) {
        out.printf("%-4s  %-17s  -> %s%n", "", "", finding.remedy());
      }
    }
    out.flush();
  }

  public static boolean isWell(List<Finding> findings) {
    return findings.stream().noneMatch(f -> f.level() == Finding.Level.FAIL);
  }
}
