package io.qwark.engine.hub;

import io.qwark.engine.api.UserException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Names a model of a hub: {@code [hf://|modelscope://]OWNER/NAME[@REVISION][:FILE]}.
 *
 * @param owner user or organisation
 * @param revision branch, tag or commit; null for the main branch
 * @param file a GGUF file of the repository, or the quantization that its name holds; null for the
 *     repository's safetensors weights or only GGUF file
 * @param snapshot digest of the files that are meant, where the hub has no immutable revisions
 *     (ModelScope); null for whatever the revision holds
 */
public record ModelId(
    Hub hub, String owner, String name, String revision, String file, String snapshot) {
  private static final String PART = "[A-Za-z0-9_](?:[A-Za-z0-9._-]{0,94}[A-Za-z0-9_])?";
  private static final Pattern FORM =
      Pattern.compile(
          "(" + PART + ")/(" + PART + ")(?:@([^@:#]{1,200}))?(?::([^@:#]{1,400}))?(?:#(\\w{40}))?");
  private static final Pattern COMMIT = Pattern.compile("[0-9a-f]{40}");
  private static final Pattern REVISION = Pattern.compile("\\w[\\w.-]*(?:/\\w[\\w.-]*)*");

  /** Whether this is the address of a hub's model, right or wrong. */
  public static boolean hasScheme(String text) {
    return text.startsWith(Hub.HUGGING_FACE.scheme() + "://")
        || text.startsWith(Hub.MODELSCOPE.scheme() + "://");
  }

  /** Whether this can be the id of a model; it can be a relative path as well. */
  public static boolean isId(String text) {
    return hasScheme(text) || (FORM.matcher(text).matches() && !text.contains(".."));
  }

  /**
   * @throws UserException if it is no id
   */
  public static ModelId parse(String text) {
    Hub hub = text.startsWith(Hub.MODELSCOPE.scheme() + "://") ? Hub.MODELSCOPE : Hub.HUGGING_FACE;
    String rest = hasScheme(text) ? text.substring(hub.scheme().length() + 3) : text;
    Matcher form = FORM.matcher(rest);
    if (!form.matches() || rest.contains("..")) {
      throw wrong(text, "it does not have the form OWNER/NAME[@REVISION][:FILE]");
    }
    String revision = form.group(3);
    if (revision != null && (!REVISION.matcher(revision).matches() || revision.endsWith("."))) {
      throw wrong(text, "its revision is no name of a branch, tag or commit");
    }
    return new ModelId(hub, form.group(1), form.group(2), revision, form.group(4), form.group(5));
  }

  private static UserException wrong(String text, String reason) {
    return new UserException(
        "Cannot find the model " + text,
        reason,
        "Write it like Qwen/Qwen3-0.6B, hf://Qwen/Qwen3-0.6B@main or"
            + " modelscope://Qwen/Qwen3-0.6B");
  }

  /** Owner and name, as the hub writes them. */
  String repository() {
    return owner + "/" + name;
  }

  String revisionOrBranch() {
    return revision == null ? hub.branch() : revision;
  }

  /** Whether the revision is a commit, which never changes. */
  boolean isCommit() {
    return revision != null && COMMIT.matcher(revision).matches();
  }

  static boolean isCommit(String revision) {
    return COMMIT.matcher(revision).matches();
  }

  /** The same model at this commit. */
  ModelId at(String commit) {
    return new ModelId(hub, owner, name, commit, file, snapshot);
  }

  /** The same model with exactly these files. */
  ModelId pinned(String digest) {
    return new ModelId(hub, owner, name, revision, file, digest);
  }

  /** The form that {@link #parse} reads, with the scheme. */
  @Override
  public String toString() {
    return hub.scheme()
        + "://"
        + repository()
        + (revision == null ? "" : "@" + revision)
        + (file == null ? "" : ":" + file)
        + (snapshot == null ? "" : "#" + snapshot);
  }
}
