package io.qwark.engine.api;

/** How a replica holds keys and values. */
public enum KvCacheDtype implements WireName {
  /** What the kernels are made for: bfloat16 where they are native and on GPUs, else float32. */
  AUTO("auto"),
  /** 4 bytes a number. */
  FLOAT32("float32"),
  /** 2 bytes a number, as Qwen3 was trained; native kernels, GPUs and bfloat16 weights only. */
  BFLOAT16("bfloat16"),
  /**
   * 1 byte a number and a scale for each key and value of a head, keys balanced so that they can
   * share one; native kernels only. Half the memory of bfloat16, faster where tokens are generated,
   * slower in prompts.
   */
  INT8("int8");

  private final String wireName;

  KvCacheDtype(String wireName) {
    this.wireName = wireName;
  }

  @Override
  public String wireName() {
    return wireName;
  }

  /**
   * @throws UserException if the name is unknown
   */
  public static KvCacheDtype of(String name) {
    return WireName.find(values(), name, "hold keys and values as", "a type of KV cache");
  }
}
