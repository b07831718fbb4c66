package io.qwark.engine.hub;

import com.fasterxml.jackson.databind.JsonNode;
import io.qwark.engine.api.UserException;
import io.qwark.engine.source.FetchProgress;
import io.qwark.engine.source.RemoteFile;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** See https://huggingface.co/docs/hub/api. */
final class HuggingFaceApi implements HubApi {
  private static final int MOST_PAGES = 200;
  private static final Pattern NEXT = Pattern.compile("<([^>]+)>\\s*;[^,]*rel=\"?next\"?");

  private final HubSettings settings;
  private final HttpTransport transport;
  private final HubJson json;

  HuggingFaceApi(HubSettings settings, FetchProgress progress) {
    this.settings = settings;
    transport = new HttpTransport(settings, credentials());
    json = new HubJson(this, transport, settings, progress);
  }

  @Override
  public Map<String, String> credentials() {
    return settings.token() == null
        ? Map.of()
        : Map.of("Authorization", "Bearer " + settings.token());
  }

  @Override
  public Listing list(ModelId id) {
    String models = settings.endpoint() + "/api/models/" + id.repository();
    JsonNode info =
        json.get(id, URI.create(models + "/revision/" + encoded(id.revisionOrBranch()))).root();
    String commit = info.path("sha").asText();
    if (!ModelId.isCommit(commit)) {
      throw json.strange(id, "no commit", null);
    }
    ModelId pinned = id.at(commit);
    List<HubFile> files = new ArrayList<>();
    URI page = URI.create(models + "/tree/" + commit + "?recursive=true&expand=false");
    for (int pages = 0; page != null; pages++) {
      HubJson.Page listed = json.get(pinned, page);
      if (!listed.root().isArray() || pages == MOST_PAGES) {
        throw json.strange(id, "no list of files that ends", null);
      }
      for (JsonNode entry : listed.root()) {
        addFile(id, entry, files);
      }
      page = next(id, page, listed);
    }
    return new Listing(pinned, files, license(info));
  }

  private void addFile(ModelId id, JsonNode entry, List<HubFile> files) {
    String path = entry.path("path").asText();
    if (!entry.path("type").asText().equals("file") || !RemoteFile.isSafe(path)) {
      return;
    }
    JsonNode lfs = entry.path("lfs");
    Checksum checksum =
        lfs.isObject()
            ? Checksum.of(Checksum.Kind.SHA256, lfs.path("oid").asText())
            : Checksum.of(Checksum.Kind.GIT_BLOB, entry.path("oid").asText());
    JsonNode size = lfs.isObject() ? lfs.path("size") : entry.path("size");
    if (checksum == null || !size.canConvertToLong() || size.asLong(-1) < 0) {
      throw json.strange(id, "no size and checksum of " + path, null);
    }
    files.add(new HubFile(new RemoteFile(path, size.longValue()), checksum));
  }

  /** The address of the next page, which is on the endpoint itself; null at the end. */
  private URI next(ModelId id, URI page, HubJson.Page listed) {
    Matcher next = NEXT.matcher(String.join(", ", listed.headers().allValues("Link")));
    if (!next.find()) {
      return null;
    }
    try {
      URI uri = page.resolve(next.group(1));
      if (uri.getHost() != null && transport.isOwn(uri)) {
        return uri;
      }
    } catch (IllegalArgumentException e) {
      throw json.strange(id, "a list of files that goes on at no address", e);
    }
    throw json.strange(id, "a list of files that goes on at another host", null);
  }

  private static String license(JsonNode info) {
    JsonNode license = info.path("cardData").path("license");
    if (license.isTextual()) {
      return license.textValue();
    }
    for (JsonNode tag : info.path("tags")) {
      if (tag.asText().startsWith("license:")) {
        return tag.asText().substring("license:".length());
      }
    }
    return null;
  }

  @Override
  public URI content(ModelId id, HubFile file) {
    String path =
        Arrays.stream(file.path().split("/"))
            .map(HuggingFaceApi::encoded)
            .collect(Collectors.joining("/"));
    return URI.create(
        settings.endpoint()
            + "/"
            + id.repository()
            + "/resolve/"
            + encoded(id.revisionOrBranch())
            + "/"
            + path);
  }

  static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
  }

  @Override
  public UserException refused(ModelId id, HttpAnswer answer) {
    String code = String.valueOf(answer.header("X-Error-Code"));
    String page = settings.endpoint() + "/" + id.repository();
    boolean hasToken = settings.token() != null;
    if (code.equals("GatedRepo")) {
      return refusal(
          id,
          "its owner wants to know who uses it"
              + (hasToken ? ", and the user of this token has no access" : ""),
          "Ask for access or accept the licence at "
              + page
              + (hasToken ? "" : ", then set HF_TOKEN (on executors too) or run `hf auth login`"));
    }
    if (code.equals("RevisionNotFound")) {
      return refusal(
          id, "it has no revision " + id.revisionOrBranch(), "See " + page + "/tree/main");
    }
    return switch (answer.status()) {
      case 401, 404 ->
          refusal(
              id,
              "there is no such model, or it is private and "
                  + (hasToken ? "the token gives no access" : "no token is set"),
              "Check the name (a local folder is named by an absolute path or one with ./); for a"
                  + " private model set HF_TOKEN, on executors too, or run `hf auth login`");
      case 403 ->
          refusal(
              id,
              "access is denied",
              "Check that the token may read " + page + ", and that a proxy lets it through");
      default ->
          refusal(id, "the server answered with status " + answer.status(), "Check the endpoint");
    };
  }

  private UserException refusal(ModelId id, String reason, String remedy) {
    return new UserException(
        "Cannot fetch " + id.repository() + " from " + settings.endpoint(), reason, remedy);
  }
}
