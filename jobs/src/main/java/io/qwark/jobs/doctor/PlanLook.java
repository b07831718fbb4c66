package io.qwark.jobs.doctor;

import io.qwark.engine.ReplicaPlan;
import io.qwark.engine.api.EngineOptions;
import io.qwark.engine.api.Kernels;
import io.qwark.engine.api.Placement;
import io.qwark.engine.api.Quantization;
import io.qwark.engine.api.UserException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What a replica of a model would be on this machine with all options left to it, and why. */
final class PlanLook {
  private PlanLook() {}

  static List<Finding> at(Path model, Placement placement) {
    List<Finding> findings = new ArrayList<>();
    for (Quantization quantization : List.of(Quantization.INT8, Quantization.FLOAT32)) {
      EngineOptions options = EngineOptions.of(model.toString(), quantization);
      try {
        ReplicaPlan plan = ReplicaPlan.of(options, placement);
        findings.add(replica(quantization, plan, placement));
        findings.add(cache(quantization, plan, options));
        if (quantization == Quantization.FLOAT32) {
          findings.add(steps(plan, options));
        }
      } catch (UserException e) {
        findings.add(
            Finding.fail(
                "Replica, " + quantization.wireName(),
                e.problem() + ": " + e.reason(),
                e.remedy()));
      }
    }
    return findings;
  }

  private static Finding replica(Quantization quantization, ReplicaPlan plan, Placement placement) {
    String kernels =
        plan.kernels() == Kernels.NATIVE
            ? "native kernels"
            : "stock kernels (native ones not: " + plan.kernelsObstacle() + ")";
    String threads =
        plan.isTiny()
            ? "1 thread, since the model is tiny"
            : String.format(
                Locale.ROOT, "%d threads, as there are processors", placement.processors());
    return Finding.ok("Replica, " + quantization.wireName(), kernels + "; " + threads);
  }

  private static Finding cache(Quantization quantization, ReplicaPlan plan, EngineOptions options) {
    String subject = "KV cache, " + quantization.wireName();
    long left = plan.memory() - plan.weightBytes();
    String found =
        String.format(
            Locale.ROOT,
            "%,d tokens of %,d bytes (%s), %s; %s free, %s for weights",
            plan.cacheTokens(),
            plan.cacheBytesPerToken(),
            plan.kvCacheDtype().wireName(),
            plan.cacheTokens() == (long) options.maxNumSeqs() * plan.contextLength()
                ? "all that " + options.maxNumSeqs() + " samples can use"
                : Math.round(100 * plan.cacheShare()) + " % of what weights leave free",
            Machine.gib(plan.memory()),
            Machine.gib(plan.weightBytes()));
    if (left <= 0) {
      return Finding.warn(
          subject, found, "Free memory, or use another quantization: the weights do not fit");
    }
    if (plan.cacheTokens() < plan.contextLength()) {
      return Finding.warn(
          subject,
          found
              + String.format(
                  Locale.ROOT,
                  "; prompt and output together are limited to that, and the model's context is"
                      + " %,d",
                  plan.contextLength()),
          "Set model.max_model_len to what is needed, or free memory if that is more");
    }
    return Finding.ok(subject, found);
  }

  private static Finding steps(ReplicaPlan plan, EngineOptions options) {
    return Finding.ok(
        "Steps",
        String.format(
            Locale.ROOT,
            "%,d tokens of up to %d samples; prompts in pieces of %d, so that samples under way get"
                + " their next token in between, and smaller ones late in a long prompt, so that"
                + " attention's scratch memory stays small",
            options.maxNumBatchedTokens(),
            options.maxNumSeqs(),
            plan.largestChunk()));
  }
}
