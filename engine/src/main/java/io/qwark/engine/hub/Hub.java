package io.qwark.engine.hub;

/** A place that models are published at. */
public enum Hub {
  HUGGING_FACE("hf", "Hugging Face", "main"),
  MODELSCOPE("modelscope", "ModelScope", "master");

  private final String scheme;
  private final String title;
  private final String branch;

  Hub(String scheme, String title, String branch) {
    this.scheme = scheme;
    this.title = title;
    this.branch = branch;
  }

  /** What stands before {@code ://} in the address of a model. */
  public String scheme() {
    return scheme;
  }

  /** Its name for people. */
  public String title() {
    return title;
  }

  /** The revision that is meant where none is named. */
  String branch() {
    return branch;
  }
}
