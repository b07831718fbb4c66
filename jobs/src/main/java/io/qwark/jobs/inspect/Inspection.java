package io.qwark.jobs.inspect;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.qwark.engine.HostMemory;
import io.qwark.engine.Models;
import io.qwark.engine.api.UserException;
import io.qwark.engine.checkpoint.ModelConfig;
import io.qwark.engine.checkpoint.ModelFiles;
import io.qwark.engine.checkpoint.Tensors;
import io.qwark.engine.cuda.Cuda;
import io.qwark.engine.text.ChatTemplate;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * What a model is and needs.
 *
 * @param model as it was named, pinned where it can be
 * @param contextTrained longest context in tokens
 * @param chatTemplate name of the one that its own was recognised as, or null
 * @param chatTemplateProblem why it has none that can be used, or null
 * @param tokenizerBytes size of its tokenizer as JSON
 * @param context tokens that the needs are for
 * @param batch samples at a time that the needs are for
 * @param obstacles why it cannot be run in some way
 */
public record Inspection(
    String model,
    String architecture,
    int layers,
    int hiddenSize,
    int attentionHeads,
    int keyValueHeads,
    int headDim,
    int vocabSize,
    int contextTrained,
    long parameters,
    List<WeightFormat> formats,
    List<FileSize> files,
    String chatTemplate,
    String chatTemplateProblem,
    long tokenizerBytes,
    String license,
    int context,
    int batch,
    List<MemoryNeed> needs,
    List<String> obstacles) {

  /** A file of weights. */
  public record FileSize(String name, long bytes) {}

  /** Longest context that is assumed where nobody names one. */
  static final int USUAL_CONTEXT = 4096;

  /**
   * Looks at a model.
   *
   * @param name for people
   * @param path where it or a sketch of it is
   * @param license or null to look for it in the model's own description
   * @param context tokens, or null for {@value #USUAL_CONTEXT} or the model's own if that is less
   * @throws UserException if it cannot be read, or is of a kind that is not supported
   */
  public static Inspection of(String name, Path path, String license, Integer context, int batch) {
    ModelFiles files = Models.open(path);
    ModelConfig config = files.config();
    Tensors tensors = files.tensors();
    int longest = config.maxPositionEmbeddings();
    int tokens = context == null ? Math.min(USUAL_CONTEXT, longest) : context;
    if (tokens > longest) {
      throw new UserException(
          "Cannot give the model a context of " + tokens + " tokens",
          "its max_position_embeddings is " + longest,
          "Ask for a shorter one");
    }
    long parameters = tensors.parameters();
    Needs needs = new Needs(new MemoryNeed.Model(files, config, parameters), tokens, batch);
    needs.addCpu(HostMemory.look());
    needs.addCards(Cuda.look(), Cuda::memory);
    Template template = Template.of(files);
    return new Inspection(
        name,
        config.architecture(),
        config.numHiddenLayers(),
        config.hiddenSize(),
        config.numAttentionHeads(),
        config.numKeyValueHeads(),
        config.headDim(),
        config.vocabSize(),
        longest,
        parameters,
        WeightFormat.of(tensors),
        tensors.files().stream().map(Inspection::size).toList(),
        template.name(),
        template.problem(),
        files.tokenizerJson().length(),
        license == null ? License.in(path) : license,
        tokens,
        batch,
        needs.found(),
        needs.obstacles());
  }

  private record Template(String name, String problem) {
    static Template of(ModelFiles files) {
      try {
        return new Template(ChatTemplate.recognise(files.chatTemplate()).wireName(), null);
      } catch (UserException e) {
        return new Template(null, e.reason());
      }
    }
  }

  private static FileSize size(Path file) {
    try {
      return new FileSize(file.getFileName().toString(), Files.size(file));
    } catch (IOException e) {
      throw new UserException(
          "Cannot read " + file,
          e.toString(),
          "Check its permissions, or fetch the model again",
          e);
    }
  }

  /** For programs: an object whose keys are in snake case. */
  public String toJson() {
    try {
      return JsonMapper.builder()
          .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
          .enable(SerializationFeature.INDENT_OUTPUT)
          .build()
          .writeValueAsString(this);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("Cannot write an inspection as JSON", e);
    }
  }
}
