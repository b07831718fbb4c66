package io.qwark.engine.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import io.qwark.engine.api.UserException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * A PEFT adapter's {@code adapter_config.json}, as far as a plain LoRA goes (peft,
 * tuners/lora/config.py). What would make the merged weights something else is refused: a key that
 * is not known may only have a value that stands for nothing.
 */
final class LoraConfig {
  private static final int MAX_RANK = 1 << 16;
  private static final int MOST_PATTERNS = 10_000;

  /** Keys that say nothing of the merged weights, or are read below. */
  private static final Set<String> KNOWN =
      Set.of(
          "peft_type",
          "peft_version",
          "auto_mapping",
          "base_model_name_or_path",
          "revision",
          "task_type",
          "inference_mode",
          "r",
          "lora_alpha",
          "lora_dropout",
          "use_rslora",
          "rank_pattern",
          "alpha_pattern",
          "target_modules",
          "exclude_modules",
          "layers_to_transform",
          "layers_pattern",
          "bias",
          "init_lora_weights",
          "megatron_core",
          "eva_config",
          "qalora_group_size",
          "runtime_config");

  /** Ways to begin a training that leave the base model's own weights as they are. */
  private static final Set<String> PLAIN_BEGINNINGS = Set.of("gaussian", "orthogonal", "eva");

  private final Path file;
  private final String baseModel;
  private final LoraTargets targets;
  private final int rank;
  private final double alpha;
  private final boolean rankStabilized;
  private final NamePatterns matcher;
  private final Map<Pattern, Integer> ranks = new LinkedHashMap<>();
  private final Map<Pattern, Double> alphas = new LinkedHashMap<>();

  private LoraConfig(Fields fields) {
    this.file = fields.file();
    this.matcher = new NamePatterns(file);
    this.baseModel = fields.text("base_model_name_or_path", null);
    this.rank = fields.integer("r", 1, MAX_RANK);
    this.alpha = fields.number("lora_alpha", -1e6, 1e6);
    this.rankStabilized = fields.flag("use_rslora", false);
    this.targets = LoraTargets.of(fields, matcher);
    if (fields.get("rank_pattern") != null) {
      Fields own = fields.in("rank_pattern");
      requireFew(own);
      own.root()
          .fieldNames()
          .forEachRemaining(key -> ranks.put(pattern(key), own.integer(key, 1, MAX_RANK)));
    }
    if (fields.get("alpha_pattern") != null) {
      Fields own = fields.in("alpha_pattern");
      requireFew(own);
      own.root()
          .fieldNames()
          .forEachRemaining(key -> alphas.put(pattern(key), own.number(key, -1e6, 1e6)));
    }
  }

  /**
   * @throws UserException if the file is damaged, or the adapter is of a kind that cannot be merged
   */
  static LoraConfig read(Path file) {
    Fields fields = Fields.of(file);
    String type = fields.text("peft_type", "(none)");
    if (!type.equals("LORA")) {
      throw unsupported(file, "its peft_type is " + Errors.shown(type));
    }
    String bias = fields.text("bias", "none");
    if (!bias.equals("none")) {
      throw unsupported(file, "its bias is " + Errors.shown(bias));
    }
    refuseOtherBeginnings(fields);
    for (Map.Entry<String, JsonNode> entry : fields.root().properties()) {
      if (!KNOWN.contains(entry.getKey()) && !standsForNothing(entry.getValue())) {
        throw unsupported(
            file,
            "its "
                + Errors.shown(entry.getKey())
                + " is "
                + Errors.shown(entry.getValue().toString()));
      }
    }
    return new LoraConfig(fields);
  }

  private static boolean standsForNothing(JsonNode value) {
    return value.isNull()
        || value.isBoolean() && !value.booleanValue()
        || value.isContainerNode() && value.isEmpty();
  }

  /** PiSSA, OLoRA, CorDA and LoftQ train beside a base whose weights they changed. */
  private static void refuseOtherBeginnings(Fields fields) {
    JsonNode value = fields.get("init_lora_weights");
    if (value != null && !value.isBoolean() && !PLAIN_BEGINNINGS.contains(value.asText())) {
      throw unsupported(
          fields.file(), "its init_lora_weights is " + Errors.shown(value.toString()));
    }
  }

  private static UserException unsupported(Path file, String reason) {
    return new UserException(
        "Cannot merge the adapter that " + file + " describes",
        reason,
        "Use a LoRA adapter of PEFT without biases, DoRA or modules_to_save, or merge it with PEFT"
            + " and save the whole model");
  }

  private void requireFew(Fields patterns) {
    if (patterns.root().size() > MOST_PATTERNS) {
      throw Errors.damaged(file, "it has more than " + MOST_PATTERNS + " patterns");
    }
  }

  /** A key stands for modules of which the last names match it (peft, get_pattern_key). */
  private Pattern pattern(String key) {
    return matcher.compile("(.*\\.)?(" + key + ")");
  }

  /** What the adapter says that it was trained on, or null. */
  String baseModel() {
    return baseModel;
  }

  LoraTargets targets() {
    return targets;
  }

  /**
   * @param module such as {@code model.layers.0.self_attn.q_proj}
   */
  int rank(String module) {
    return ofModule(ranks, module, rank);
  }

  /** What B A is multiplied by. */
  float scale(String module) {
    double own = ofModule(alphas, module, alpha);
    double rank = rank(module);
    return (float) (own / (rankStabilized ? Math.sqrt(rank) : rank));
  }

  private <T> T ofModule(Map<Pattern, T> patterns, String module, T otherwise) {
    for (Map.Entry<Pattern, T> entry : patterns.entrySet()) {
      if (matcher.matches(entry.getKey(), module)) {
        return entry.getValue();
      }
    }
    return otherwise;
  }
}
