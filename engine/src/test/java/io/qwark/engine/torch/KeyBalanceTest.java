package io.qwark.engine.torch;

import static io.qwark.engine.torch.KernelProbe.normal;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * What a few large numbers of all keys do to 8-bit keys: with one scale for a key, little is left
 * of the others unless keys are balanced.
 */
class KeyBalanceTest extends KernelTest {
  private static final int TOKENS = 48;
  private static final int HEADS = 4;
  private static final int KEY_HEADS = 2;
  private static final int DIMENSION = 32;
  private static final int FLOAT32 = 6;
  private static final int INT8 = 1;

  /** In libtorch none is a tensor without numbers. */
  private static final float[] NONE = {};

  @Test
  void balanceCancelsOut() {
    assertArrayEquals(attend(NONE, FLOAT32), attend(balance(), FLOAT32));
  }

  @Test
  void balancedKeysLoseLessInEightBits() {
    float[] exact = attend(NONE, FLOAT32);
    double alone = distance(exact, attend(NONE, INT8));
    double balanced = distance(exact, attend(balance(), INT8));
    assertTrue(balanced < alone / 5, balanced + " with balance, without it " + alone);
  }

  /** Powers of two: 64 where {@link #heads} are large. */
  private static float[] balance() {
    float[] balance = new float[2 * KEY_HEADS * DIMENSION];
    Arrays.fill(balance, 1);
    int keys = KEY_HEADS * DIMENSION;
    for (int large : new int[] {3, DIMENSION + 17}) {
      balance[large] = 64;
      balance[keys + large] = 1 / 64f;
    }
    return balance;
  }

  /** Normal numbers, but one of each head of keys that is about 100 and hardly asked for. */
  private static float[] heads() {
    int width = (HEADS + 2 * KEY_HEADS) * DIMENSION;
    float[] heads = normal(new Random(4), TOKENS * width, 1);
    for (int token = 0; token < TOKENS; token++) {
      int at = token * width;
      for (int head = 0; head < HEADS; head++) {
        heads[at + head * DIMENSION + (head < 2 ? 3 : 17)] /= 64;
      }
      heads[at + HEADS * DIMENSION + 3] += 100;
      heads[at + (HEADS + 1) * DIMENSION + 17] -= 100;
    }
    return heads;
  }

  private static float[] attend(float[] balance, int dtype) {
    try (TorchModule.Scope scope = module.scope()) {
      return scope
          .call(
              "heads",
              scope.floats(heads()),
              scope.floats(balance),
              HEADS,
              KEY_HEADS,
              DIMENSION,
              dtype)
          .toFloatArray();
    }
  }

  private static double distance(float[] a, float[] b) {
    double squares = 0;
    for (int i = 0; i < a.length; i++) {
      squares += Math.pow(a[i] - b[i], 2);
    }
    return Math.sqrt(squares / a.length);
  }
}
