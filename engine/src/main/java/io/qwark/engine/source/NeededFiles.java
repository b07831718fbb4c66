package io.qwark.engine.source;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.qwark.engine.api.UserException;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * The files of a repository that the engine reads; pickled weights and copies in other formats stay
 * where they are.
 *
 * @param files what is fetched
 * @param model what is opened below the folder that they lie in: the path of a file, or an empty
 *     string for the folder itself
 */
public record NeededFiles(List<RemoteFile> files, String model) {
  private static final String SINGLE = "model.safetensors";
  private static final String INDEX = "model.safetensors.index.json";
  private static final String ADAPTER = "adapter_model.safetensors";
  private static final int MAX_INDEX_BYTES = 64 << 20;

  private static final Set<String> SMALL =
      Set.of(
          "config.json",
          "generation_config.json",
          "tokenizer.json",
          "tokenizer_config.json",
          "special_tokens_map.json",
          "added_tokens.json",
          "vocab.json",
          "merges.txt",
          "chat_template.jinja",
          "chat_template.json",
          "quantize_config.json",
          "quant_config.json",
          "adapter_config.json",
          "README.md");

  public NeededFiles {
    files = List.copyOf(files);
  }

  /**
   * Chooses from a repository's files; reads the index of its shards.
   *
   * @param file a GGUF file, or the quantization that its name holds; null for the safetensors
   *     weights, or for the only GGUF file where there are none
   * @throws UserException if the repository has no weights that the engine reads
   */
  public static NeededFiles choose(RemoteFiles remote, String file) throws IOException {
    if (file != null) {
      return Ggufs.named(remote, file);
    }
    List<RemoteFile> chosen = new ArrayList<>();
    remote.files().stream().filter(f -> SMALL.contains(f.path())).forEach(chosen::add);
    RemoteFile index = remote.find(INDEX);
    if (remote.find(SINGLE) != null) {
      chosen.add(remote.find(SINGLE));
    } else if (index != null) {
      chosen.add(index);
      chosen.addAll(shards(remote, index));
    } else if (remote.find(ADAPTER) != null) {
      chosen.add(remote.find(ADAPTER));
    } else if (remote.files().stream().anyMatch(Ggufs::isGguf)) {
      return Ggufs.only(remote);
    } else {
      throw noWeights(remote);
    }
    return new NeededFiles(chosen, "");
  }

  /** Of all files together. */
  public long bytes() {
    return files.stream().mapToLong(RemoteFile::size).sum();
  }

  private static List<RemoteFile> shards(RemoteFiles remote, RemoteFile index) throws IOException {
    Set<String> names = new TreeSet<>();
    for (JsonNode shard : read(remote, index).path("weight_map")) {
      names.add(shard.asText());
    }
    List<RemoteFile> shards = new ArrayList<>();
    for (String name : names) {
      RemoteFile shard = RemoteFile.isSafe(name) ? remote.find(name) : null;
      if (shard == null) {
        throw new UserException(
            "Cannot fetch " + remote.name(),
            "its " + INDEX + " names " + shown(name) + ", which is not there",
            "Tell the model's owner, or choose another revision");
      }
      shards.add(shard);
    }
    if (shards.isEmpty()) {
      throw new UserException(
          "Cannot fetch " + remote.name(),
          "its " + INDEX + " names no file",
          "Tell the model's owner, or choose another revision");
    }
    return shards;
  }

  private static JsonNode read(RemoteFiles remote, RemoteFile file) throws IOException {
    if (file.size() > MAX_INDEX_BYTES) {
      throw new UserException(
          "Cannot fetch " + remote.name(),
          file.path() + " has " + file.size() + " bytes, which is no such file's size",
          "Choose another model");
    }
    try (InputStream in = remote.open(file, 0)) {
      return new ObjectMapper().readTree(in.readNBytes(MAX_INDEX_BYTES));
    } catch (JacksonException e) {
      throw new UserException(
          "Cannot fetch " + remote.name(),
          file.path() + " is not valid JSON",
          "Tell the model's owner, or choose another revision",
          e);
    }
  }

  private static UserException noWeights(RemoteFiles remote) {
    boolean pickled =
        remote.files().stream().anyMatch(f -> f.name().matches(".*\\.(bin|pt|pth|ckpt)"));
    return new UserException(
        "Cannot fetch " + remote.name(),
        pickled
            ? "it has its weights only in Python's pickle format (.bin or .pt), which can run code"
            : "it has neither " + SINGLE + ", " + INDEX + " nor a .gguf file",
        "Choose a model, or a revision of it, in the safetensors or GGUF format");
  }

  static String shown(String foreign) {
    String clean = foreign.replaceAll("\\p{Cntrl}", "?");
    return clean.length() <= 120 ? clean : clean.substring(0, 120) + "…";
  }
}
