package io.qwark.engine.hub;

import com.fasterxml.jackson.databind.JsonNode;
import io.qwark.engine.api.UserException;
import io.qwark.engine.source.FetchProgress;
import io.qwark.engine.source.RemoteFile;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;

/** The interface that the modelscope-hub package (0.5) for Python speaks. */
final class ModelScopeApi implements HubApi {
  /** A list of this length is cut, without a word. */
  private static final int CUT = 3000;

  private final HubSettings settings;
  private final HubJson json;

  ModelScopeApi(HubSettings settings, FetchProgress progress) {
    this.settings = settings;
    json = new HubJson(this, new HttpTransport(settings, credentials()), settings, progress);
  }

  /** Older parts of the interface read the cookie, newer ones the token. */
  @Override
  public Map<String, String> credentials() {
    return settings.token() == null
        ? Map.of()
        : Map.of(
            "Authorization",
            "Bearer " + settings.token(),
            "Cookie",
            "m_session_id=" + settings.token());
  }

  @Override
  public Listing list(ModelId id) {
    List<HubFile> files = files(id, true);
    if (files.size() >= CUT) {
      files = files(id, false);
    }
    files.sort(Comparator.comparing(HubFile::path));
    return new Listing(id.pinned(digest(files)), files, null);
  }

  private List<HubFile> files(ModelId id, boolean recursive) {
    URI uri =
        URI.create(
            settings.endpoint()
                + "/api/v1/models/"
                + id.repository()
                + "/repo/files?Revision="
                + HuggingFaceApi.encoded(id.revisionOrBranch())
                + "&Recursive="
                + (recursive ? "True" : "False"));
    JsonNode root = json.get(id, uri).root();
    JsonNode listed = root.path("Data").path("Files");
    if (root.path("Code").asInt(200) != 200 || !listed.isArray()) {
      throw refusal(
          id,
          "it answers: " + shown(root.path("Message").asText("no list of files")),
          "Check the name and the revision");
    }
    List<HubFile> files = new ArrayList<>();
    for (JsonNode entry : listed) {
      String path = entry.path("Path").asText();
      if (entry.path("Type").asText().equals("tree") || !RemoteFile.isSafe(path)) {
        continue;
      }
      Checksum checksum = Checksum.of(Checksum.Kind.SHA256, entry.path("Sha256").asText());
      JsonNode size = entry.path("Size");
      if (checksum == null || !size.canConvertToLong() || size.asLong(-1) < 0) {
        throw json.strange(id, "no size and checksum of " + path, null);
      }
      files.add(new HubFile(new RemoteFile(path, size.longValue()), checksum));
    }
    return files;
  }

  private static String shown(String foreign) {
    String clean = foreign.replaceAll("\\p{Cntrl}", "?");
    return clean.length() <= 200 ? clean : clean.substring(0, 200) + "…";
  }

  /** Names all contents: the hub's revisions are branches and tags, which move. */
  private static String digest(List<HubFile> files) {
    var digest = new Checksum(Checksum.Kind.SHA256, "").begin(0);
    for (HubFile file : files) {
      String line = file.path() + " " + file.size() + " " + file.checksum().hex() + "\n";
      digest.update(line.getBytes(StandardCharsets.UTF_8));
    }
    return HexFormat.of().formatHex(digest.digest()).substring(0, 40);
  }

  @Override
  public URI content(ModelId id, HubFile file) {
    return URI.create(
        settings.endpoint()
            + "/api/v1/models/"
            + id.repository()
            + "/repo?Revision="
            + HuggingFaceApi.encoded(id.revisionOrBranch())
            + "&FilePath="
            + HuggingFaceApi.encoded(file.path()));
  }

  @Override
  public UserException refused(ModelId id, HttpAnswer answer) {
    boolean hasToken = settings.token() != null;
    return switch (answer.status()) {
      case 401, 403, 404 ->
          refusal(
              id,
              "there is no such model or revision, or it is private and "
                  + (hasToken ? "the token gives no access" : "no token is set"),
              "Check the name and the revision; for a private model set MODELSCOPE_API_TOKEN, on"
                  + " executors too");
      default ->
          refusal(id, "the server answered with status " + answer.status(), "Check the endpoint");
    };
  }

  private UserException refusal(ModelId id, String reason, String remedy) {
    return new UserException(
        "Cannot fetch " + id.repository() + " from " + settings.endpoint(), reason, remedy);
  }
}
