package io.qwark.engine.checkpoint;

/** What all kinds of {@link RopeScaling} begin with. */
final class Frequencies {
  private Frequencies() {}

  static float[] plain(float[] periods) {
    float[] frequencies = new float[periods.length];
    for (int i = 0; i < periods.length; i++) {
      frequencies[i] = 1 / periods[i];
    }
    return frequencies;
  }
}
