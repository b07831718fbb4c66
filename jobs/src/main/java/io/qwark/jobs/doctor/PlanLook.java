package io.qwark.jobs.doctor;

import io.qwark.engine.Footprint;
import io.qwark.engine.Models;
import io.qwark.engine.ReplicaPlan;
import io.qwark.engine.api.EngineOptions;
import io.qwark.engine.api.Kernels;
import io.qwark.engine.api.Placement;
import io.qwark.engine.api.Quantization;
import io.qwark.engine.api.UserException;
import io.qwark.engine.checkpoint.ModelConfig;
import io.qwark.engine.checkpoint.ModelFiles;
import io.qwark.engine.checkpoint.Tensors;
import io.qwark.engine.cuda.CardMemory;
import io.qwark.engine.cuda.CudaCard;
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

  /**
   * The same on a GPU, where a model may fit in one way and not in another.
   *
   * @param now what the card has and what is free of it
   */
  static List<Finding> onCard(Path model, CudaCard card, CardMemory now) {
    ModelFiles files = Models.open(model);
    ModelConfig config = files.config();
    Tensors tensors = files.tensors();
    Placement placement = new Placement(card.device(), Placement.cpu().processors());
    List<Finding> findings = new ArrayList<>();
    for (Quantization quantization : Footprint.FOR_GPUS) {
      String subject = card.device() + ", " + quantization.wireName();
      EngineOptions options = EngineOptions.of(model.toString(), quantization);
      try {
        ReplicaPlan plan = ReplicaPlan.onCard(options, placement, config, tensors, card, now);
        findings.add(onCard(subject, plan, options));
      } catch (UserException e) {
        findings.add(Finding.warn(subject, e.problem() + ": " + e.reason(), e.remedy()));
      }
    }
    return findings;
  }

  private static Finding onCard(String subject, ReplicaPlan plan, EngineOptions options) {
    String found =
        String.format(
            Locale.ROOT,
            "KV cache of %,d tokens of %,d bytes (%s); %s may be taken (gpu_memory_utilization %s),"
                + " %s for weights, %s for a step's tensors",
            plan.cacheTokens(),
            plan.cacheBytesPerToken(),
            plan.kvCacheDtype().wireName(),
            Machine.gib(plan.memory()),
            options.gpuMemoryUtilization(),
            Machine.gib(plan.weightBytes()),
            Machine.gib(plan.workspaceBytes()));
    return plan.cacheTokens() < plan.contextLength()
        ? Finding.warn(
            subject,
            found + shortContext(plan),
            "Set model.max_model_len to what is needed, or use a GPU with more memory if that is"
                + " more")
        : Finding.ok(subject, found);
  }

  private static String shortContext(ReplicaPlan plan) {
    return String.format(
        Locale.ROOT,
        "; prompt and output together are limited to that, and the model's context is %,d",
        plan.contextLength());
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
          found + shortContext(plan),
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
