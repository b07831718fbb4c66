package io.qwark.engine.checkpoint;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.qwark.engine.api.UserException;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WeightsTest {
  @TempDir Path folder;
  private Weights weights;

  @BeforeEach
  void write() throws IOException {
    new SafeTensorsWriter()
        .f32("model.layers.0.q.weight", new long[] {2, 1}, 1, 2)
        .f32("model.norm.weight", new long[] {1}, 3)
        .f32("lm_head.weight", new long[] {1}, 4)
        .raw("counts", "I64", new long[] {1}, new byte[8])
        .write(folder.resolve("model.safetensors"));
    weights = Weights.of(SafeTensors.open(folder));
  }

  @Test
  void takesTensorsRelativeToTheCursor() {
    TensorEntry q = (TensorEntry) weights.in("model.layers").in("0").take("q.weight", 2, 1);
    assertEquals("model.layers.0.q.weight", q.name());
    assertArrayEquals(new float[] {1, 2}, SafeTensorsTest.floats(q.rows(0, 2)));
    assertTrue(weights.in("model").has("norm.weight"));
    assertFalse(weights.has("norm.weight"));
  }

  @Test
  void aMissingTensorIsNamed() {
    assertMessage(
        () -> weights.in("model").take("q.weight", 2), "tensor model.q.weight is missing");
  }

  @Test
  void anotherShapeIsNamedBesideTheExpectedOne() {
    assertMessage(
        () -> weights.take("model.norm.weight", 2, 1),
        "tensor model.norm.weight has shape [1] and the model's config asks for [2, 1]");
  }

  @Test
  void integerWeightsAreRefused() {
    assertMessage(() -> weights.take("counts", 1), "tensor counts is of type I64");
  }

  @Test
  void leftOverTensorsAreNamed() {
    weights.in("model.layers.0").take("q.weight", 2, 1);
    assertMessage(
        weights::requireAllUsed,
        "holds 3 tensors that the model has no use for: model.norm.weight,"
            + " lm_head.weight, counts");
  }

  @Test
  void ignoredTensorsAreNotLeftOver() {
    weights.in("model.layers.0").take("q.weight", 2, 1);
    weights.in("model").take("norm.weight", 1);
    weights.ignore("lm_head.weight");
    weights.ignore("counts");
    weights.ignore("not.there");
    weights.requireAllUsed();
  }

  private static void assertMessage(Runnable call, String part) {
    UserException e = assertThrows(UserException.class, call::run);
    assertTrue(e.getMessage().contains(part), e.getMessage());
  }
}
