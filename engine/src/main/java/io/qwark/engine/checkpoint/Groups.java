package io.qwark.engine.checkpoint;

/**
 * Which inputs of a quantized row share a scale.
 *
 * @param count of groups
 * @param size of consecutive inputs that form a group; the last group may have fewer
 * @param index the group of each input where they do not follow each other, or null
 */
record Groups(int count, int size, int[] index) {
  static Groups consecutive(int width, int size) {
    return new Groups((width + size - 1) / size, size, null);
  }

  static Groups one(int width) {
    return new Groups(1, width, null);
  }

  /** These groups, unless an index says otherwise. */
  Groups reordered(int[] index) {
    for (int i = 0; i < index.length; i++) {
      if (index[i] != i / size) {
        return new Groups(count, size, index);
      }
    }
    return this;
  }
}
