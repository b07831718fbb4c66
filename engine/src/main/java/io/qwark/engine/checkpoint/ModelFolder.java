package io.qwark.engine.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import io.qwark.engine.api.GenerationDefaults;
import io.qwark.engine.api.UserException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * A Hugging Face model folder in the safetensors layout. Parts are read when they are asked for.
 */
public final class ModelFolder implements ModelFiles {
  /** What makes a folder one of Hugging Face's. */
  public static final String CONFIG = "config.json";

  private static final String GENERATION_CONFIG = "generation_config.json";
  private static final String TOKENIZER = "tokenizer.json";
  private static final String TOKENIZER_CONFIG = "tokenizer_config.json";
  private static final String CHAT_TEMPLATE = "chat_template.jinja";
  private static final long MAX_TOKENIZER_BYTES = 1L << 28;

  private final Path path;

  private ModelFolder(Path path) {
    this.path = path;
  }

  /**
   * Checks that the files which a model needs are there, without reading them.
   *
   * @throws UserException that names all that is missing
   */
  public static ModelFolder open(Path path) {
    if (!Files.isDirectory(path)) {
      throw new UserException(
          "Cannot open model folder " + path,
          Files.exists(path) ? "it is not a folder" : "it does not exist",
          "Give the path of a folder that holds a Hugging Face model (config.json,"
              + " tokenizer.json, safetensors), or of a GGUF file");
    }
    List<String> missing = new ArrayList<>();
    Stream.of(CONFIG, TOKENIZER, TOKENIZER_CONFIG)
        .filter(name -> !Files.isRegularFile(path.resolve(name)))
        .forEach(missing::add);
    if (!Files.isRegularFile(path.resolve(SafeTensors.SINGLE))
        && !Files.isRegularFile(path.resolve(SafeTensors.INDEX))) {
      missing.add(SafeTensors.SINGLE + " (or " + SafeTensors.INDEX + " and its shards)");
    }
    if (!missing.isEmpty()) {
      throw new UserException(
          "Cannot open model folder " + path,
          "it lacks " + String.join(", ", missing),
          "Download the whole model in safetensors format into this folder, or point to another"
              + " one or to a GGUF file");
    }
    return new ModelFolder(path);
  }

  @Override
  public Path path() {
    return path;
  }

  /**
   * Reads {@code config.json}; see {@link ModelConfig#read}. Refuses weights that are quantized in
   * a way that cannot be read.
   */
  @Override
  public ModelConfig config() {
    ModelConfig config = ModelConfig.read(path.resolve(CONFIG));
    quantizedFormat();
    return config;
  }

  /**
   * Reads {@code generation_config.json}; without that file, plain sampling ended by the tokens
   * that {@code config.json} names.
   *
   * @throws UserException if the file is damaged or a value out of its range
   */
  @Override
  public GenerationDefaults generationDefaults() {
    Path file = path.resolve(GENERATION_CONFIG);
    ModelConfig config = config();
    return Files.exists(file)
        ? GenerationConfig.read(file, config)
        : GenerationDefaults.none(config.eosTokenIds());
  }

  @Override
  public String tokenizerJson() {
    Path file = path.resolve(TOKENIZER);
    try {
      if (Files.size(file) > MAX_TOKENIZER_BYTES) {
        throw Errors.damaged(file, "it is larger than " + MAX_TOKENIZER_BYTES + " bytes");
      }
      return Files.readString(file, StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw Errors.damaged(file, JsonFile.reason(e), e);
    }
  }

  /**
   * The model's own chat template in Jinja, or null if it has none: {@code chat_template.jinja}, or
   * else the {@code chat_template} of {@code tokenizer_config.json} (the one named {@code default}
   * where it is a list).
   */
  @Override
  public String chatTemplate() {
    Path file = path.resolve(CHAT_TEMPLATE);
    if (Files.exists(file)) {
      try {
        return Files.readString(file, StandardCharsets.UTF_8);
      } catch (IOException e) {
        throw Errors.damaged(file, JsonFile.reason(e), e);
      }
    }
    Fields fields = Fields.of(path.resolve(TOKENIZER_CONFIG));
    JsonNode template = fields.get("chat_template");
    if (template != null && template.isArray()) {
      for (JsonNode named : template) {
        if (named.path("name").asText().equals("default")) {
          return named.path("template").textValue();
        }
      }
      return null;
    }
    return fields.text("chat_template", null);
  }

  /** Maps the weight files; see {@link SafeTensors#open}. Quantized layers appear as weights. */
  @Override
  public Tensors tensors() {
    QuantizedFormat format = quantizedFormat();
    SafeTensors files = SafeTensors.open(path);
    return format == null ? files : QuantizedTensors.of(files, format);
  }

  private QuantizedFormat quantizedFormat() {
    return QuantizedFormats.of(Fields.of(path.resolve(CONFIG)));
  }

  /**
   * Identifies what the model computes: SHA-256, in hexadecimal, over the files that decide it —
   * config, generation config, tokenizer, chat template, weights — in the order of their names.
   * Each counts as the length of its name (4 bytes, big-endian), its name in UTF-8, its size (8
   * bytes) and its content. Reads every byte: about a second for each GB.
   */
  @Override
  public String digest() {
    List<Path> files = new ArrayList<>(SafeTensors.files(path));
    Stream.of(
            CONFIG,
            GENERATION_CONFIG,
            TOKENIZER,
            TOKENIZER_CONFIG,
            CHAT_TEMPLATE,
            SafeTensors.INDEX)
        .map(path::resolve)
        .filter(Files::exists)
        .forEach(files::add);
    return FolderDigest.of(files);
  }
}
