package io.qwark.engine.checkpoint;

import java.util.Arrays;

/**
 * How the frequencies of the rotary embedding differ from {@code 1 / theta^(2i/D)}, for contexts
 * longer than those that a model was first trained on. Computed as Transformers computes it, each
 * step in float32, so that angles at far positions are the same.
 */
public sealed interface RopeScaling {
  /** The plain embedding. */
  RopeScaling NONE = new None();

  /**
   * Angle of one position in radians, for each pair of a head's dimensions.
   *
   * @param theta the embedding's base
   * @param periods {@code theta^(2i/D)} in float32, (D / 2)
   * @return (D / 2)
   */
  float[] frequencies(double theta, float[] periods);

  /** What sines and cosines are multiplied by. */
  default double attentionFactor() {
    return 1;
  }

  /** As trained from the beginning. */
  record None() implements RopeScaling {
    @Override
    public float[] frequencies(double theta, float[] periods) {
      return Frequencies.plain(periods);
    }
  }

  /** All positions divided by a factor. */
  record Linear(double factor) implements RopeScaling {
    @Override
    public float[] frequencies(double theta, float[] periods) {
      float[] plain = Frequencies.plain(periods);
      for (int i = 0; i < plain.length; i++) {
        plain[i] /= (float) factor;
      }
      return plain;
    }
  }

  /**
   * YaRN (arXiv:2309.00071): fast frequencies stay, slow ones are divided by the factor, and those
   * between are mixed.
   *
   * @param originalMaxPositions the context before it was extended
   * @param betaFast turns within that context from which on a frequency stays; usually 32
   * @param betaSlow turns up to which it is divided; usually 1
   * @param truncate whether the range between is rounded outwards to whole dimensions; usually so
   */
  record Yarn(
      double factor,
      int originalMaxPositions,
      double betaFast,
      double betaSlow,
      double attentionFactor,
      boolean truncate)
      implements RopeScaling {

    /** With the paper's values for all but the factor. */
    public static Yarn of(double factor, int originalMaxPositions) {
      return new Yarn(factor, originalMaxPositions, 32, 1, magnitude(factor, 1), true);
    }

    /** The paper's attention factor, {@code 0.1 mscale ln(factor) + 1}. */
    public static double magnitude(double factor, double mscale) {
      return factor <= 1 ? 1 : 0.1 * mscale * Math.log(factor) + 1;
    }

    @Override
    public float[] frequencies(double theta, float[] periods) {
      double low = dimension(betaFast, theta, periods.length);
      double high = dimension(betaSlow, theta, periods.length);
      if (truncate) {
        low = Math.floor(low);
        high = Math.ceil(high);
      }
      low = Math.max(low, 0);
      high = Math.min(high, 2 * periods.length - 1);
      // Transformers' guard against a division by zero.
      float width = (float) ((low == high ? high + 0.001 : high) - low);
      float[] mixed = new float[periods.length];
      for (int i = 0; i < mixed.length; i++) {
        float ramp = Math.min(Math.max((i - (float) low) / width, 0), 1);
        float kept = 1 - ramp;
        float divided = 1 / ((float) factor * periods[i]);
        mixed[i] = divided * (1 - kept) + 1 / periods[i] * kept;
      }
      return mixed;
    }

    /** The pair of dimensions that turns so often within the original context. */
    private double dimension(double turns, double theta, int pairs) {
      return 2
          * pairs
          * Math.log(originalMaxPositions / (turns * 2 * Math.PI))
          / (2 * Math.log(theta));
    }
  }

  /**
   * Llama 3.1: waves longer than a part of the original context are divided by the factor, short
   * ones stay, those between are mixed.
   *
   * @param lowFreqFactor the original context over the shortest wave that is divided
   * @param highFreqFactor the original context over the longest wave that stays; above the former
   */
  record Llama3(
      double factor, double lowFreqFactor, double highFreqFactor, int originalMaxPositions)
      implements RopeScaling {
    @Override
    public float[] frequencies(double theta, float[] periods) {
      float[] result = Frequencies.plain(periods);
      float longest = (float) (originalMaxPositions / lowFreqFactor);
      float shortest = (float) (originalMaxPositions / highFreqFactor);
      for (int i = 0; i < result.length; i++) {
        float plain = result[i];
        float wave = 1 / plain * (float) (2 * Math.PI);
        if (wave > longest) {
          result[i] = plain / (float) factor;
        } else if (wave >= shortest) {
          float turns = 1 / wave * originalMaxPositions;
          float kept = (turns - (float) lowFreqFactor) / (float) (highFreqFactor - lowFreqFactor);
          result[i] = (1 - kept) * plain / (float) factor + kept * plain;
        }
      }
      return result;
    }
  }

  /** Each frequency divided by its own factor, as GGUF files give them. Immutable. */
  final class Divided implements RopeScaling {
    private final float[] factors;

    /**
     * @param factors (D / 2); copied
     */
    public Divided(float[] factors) {
      this.factors = factors.clone();
    }

    @Override
    public float[] frequencies(double theta, float[] periods) {
      if (factors.length != periods.length) {
        throw new IllegalStateException(
            factors.length + " factors for " + periods.length + " frequencies");
      }
      float[] plain = Frequencies.plain(periods);
      for (int i = 0; i < plain.length; i++) {
        plain[i] /= factors[i];
      }
      return plain;
    }

    /** (D / 2) */
    public int size() {
      return factors.length;
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof Divided divided && Arrays.equals(factors, divided.factors);
    }

    @Override
    public int hashCode() {
      return Arrays.hashCode(factors);
    }

    @Override
    public String toString() {
      return "Divided" + Arrays.toString(factors);
    }
  }
}
