package io.qwark.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import io.qwark.engine.api.Quantization;
import io.qwark.engine.checkpoint.SafeTensors;
import io.qwark.engine.checkpoint.Tensor;
import io.qwark.engine.checkpoint.TensorEntry;
import io.qwark.engine.checkpoint.Tensors;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Tensors of formats that the program does not know make the same model as plain ones. */
class ReadTensorsTest {
  private static final String MODEL = "random-untied";

  private final SafeTensors plain = SafeTensors.open(Goldens.modelFolder(MODEL));

  @ParameterizedTest
  @EnumSource(value = Quantization.class, mode = EnumSource.Mode.EXCLUDE, names = "FP8")
  void numbersThatAreReadAreThoseThatAreMapped(Quantization quantization) {
    assertArrayEquals(
        WeightTypesTest.logits(plain, quantization),
        WeightTypesTest.logits(new View(plain, Foreign::new), quantization));
  }

  /** Whole numbers up to 127, of which each row has one, are what rounding makes of them. */
  @Test
  void rowsIn8BitsAreTakenAsTheyAre() {
    assertArrayEquals(
        WeightTypesTest.logits(new View(plain, Whole::new), Quantization.INT8),
        WeightTypesTest.logits(new View(plain, InBytes::new), Quantization.INT8));
  }

  private interface Disguise {
    Foreign of(TensorEntry entry);
  }

  private record View(SafeTensors tensors, Disguise disguise) implements Tensors {
    @Override
    public Path path() {
      return tensors.path();
    }

    @Override
    public List<Path> files() {
      return tensors.files();
    }

    @Override
    public Collection<? extends Tensor> entries() {
      return tensors.entries().stream().map(disguise::of).toList();
    }

    @Override
    public Tensor find(String name) {
      TensorEntry entry = tensors.find(name);
      return entry == null ? null : disguise.of(entry);
    }
  }

  private static class Foreign implements Tensor {
    private final TensorEntry entry;

    Foreign(TensorEntry entry) {
      this.entry = entry;
    }

    @Override
    public String name() {
      return entry.name();
    }

    @Override
    public long[] shape() {
      return entry.shape();
    }

    @Override
    public String format() {
      return "foreign";
    }

    @Override
    public void read(long first, int count, float[] to) {
      entry.read(first, count, to);
    }
  }

  /** Matrices of 1/128 times whole numbers that follow from row and column. */
  private static class Whole extends Foreign {
    Whole(TensorEntry entry) {
      super(entry);
    }

    int code(long row, long column) {
      return column == 0 ? 127 : (int) ((31 * row + 17 * column) % 255) - 127;
    }

    @Override
    public void read(long first, int count, float[] to) {
      if (shape().length == 1) {
        super.read(first, count, to);
        return;
      }
      int width = Math.toIntExact(rowSize());
      for (int i = 0; i < count * width; i++) {
        to[i] = code(first + i / width, i % width) / 128f;
      }
    }
  }

  private static final class InBytes extends Whole {
    InBytes(TensorEntry entry) {
      super(entry);
    }

    @Override
    public boolean int8Rows() {
      return shape().length == 2;
    }

    @Override
    public void readInt8(long first, int count, byte[] codes, float[] scales) {
      int width = Math.toIntExact(rowSize());
      for (int i = 0; i < count * width; i++) {
        codes[i] = (byte) code(first + i / width, i % width);
      }
      Arrays.fill(scales, 1 / 128f);
    }
  }
}
