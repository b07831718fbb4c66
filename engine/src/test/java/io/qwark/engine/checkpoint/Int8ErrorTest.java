package io.qwark.engine.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/**
 * Measures what docs/formats.md says that int8 costs: random normal numbers are put into a format
 * by its arithmetic, rounded to the nearest, and from there into rows with a scale each.
 */
class Int8ErrorTest {
  private static final Path TABLE = Path.of("../docs/formats.md");
  private static final int ROWS = 512;
  private static final int WIDTH = 2048;

  @Test
  void theTableSaysWhatIsMeasured() throws IOException {
    Map<String, UnaryOperator<float[][]>> formats = new LinkedHashMap<>();
    formats.put("BF16", w -> each(w, Int8ErrorTest::bfloat16));
    formats.put("FP8, blocks of 128x128", Int8ErrorTest::fp8);
    formats.put(
        "GPTQ or compressed-tensors, 4 bits in groups of 128, symmetric",
        w -> symmetric(w, 128, -8, 7));
    formats.put("AWQ, 4 bits in groups of 128, with zeros", w -> withZeros(w, 128, 15));
    formats.put("MLX, 4 bits in groups of 64", w -> affine(w, 64, 15));
    formats.put("MLX, 8 bits in groups of 64", w -> affine(w, 64, 255));
    formats.put("GPTQ, 8 bits in groups of 128, symmetric", w -> symmetric(w, 128, -128, 127));
    formats.put("4 bits with a scale for each row, symmetric", w -> symmetric(w, WIDTH, -8, 7));
    formats.put(
        "compressed-tensors W8A8, or 8 bits with a scale for each row, symmetric",
        w -> symmetric(w, WIDTH, -127, 127));
    float[][] numbers = normal();
    StringBuilder measured = new StringBuilder();
    formats.forEach(
        (name, format) -> {
          float[][] held = format.apply(numbers);
          boolean exact = name.contains("scale for each row");
          measured.append(
              String.format(
                  Locale.ROOT,
                  "| %s | %s | %s | %.2f %% |%n",
                  name,
                  exact ? "as it is" : "rounded",
                  exact
                      ? "0"
                      : String.format(
                          Locale.ROOT, "%.2f %%", change(held, symmetric(held, WIDTH, -127, 127))),
                  change(numbers, held)));
        });
    List<String> lines = Files.readAllLines(TABLE);
    int first = lines.indexOf("|---|---|---|---|") + 1;
    assertEquals(
        measured.toString(),
        String.join(System.lineSeparator(), lines.subList(first, first + formats.size()))
            + System.lineSeparator());
  }

  private static float[][] normal() {
    Random random = new Random(4);
    float[][] numbers = new float[ROWS][WIDTH];
    for (float[] row : numbers) {
      for (int i = 0; i < WIDTH; i++) {
        row[i] = (float) random.nextGaussian();
      }
    }
    return numbers;
  }

  /** In percent. */
  private static double change(float[][] before, float[][] after) {
    double error = 0;
    double size = 0;
    for (int r = 0; r < ROWS; r++) {
      for (int i = 0; i < WIDTH; i++) {
        error += Math.pow(before[r][i] - (double) after[r][i], 2);
        size += Math.pow(before[r][i], 2);
      }
    }
    return 100 * Math.sqrt(error / size);
  }

  private interface Rounding {
    float of(float number);
  }

  private static float[][] each(float[][] numbers, Rounding rounding) {
    float[][] rounded = new float[ROWS][WIDTH];
    for (int r = 0; r < ROWS; r++) {
      for (int i = 0; i < WIDTH; i++) {
        rounded[r][i] = rounding.of(numbers[r][i]);
      }
    }
    return rounded;
  }

  private static float bfloat16(float number) {
    int bits = Float.floatToIntBits(number);
    return Float.intBitsToFloat(bits + 0x7FFF + (bits >>> 16 & 1) & 0xFFFF0000);
  }

  /** One scale for each group, its largest magnitude at the largest code. */
  private static float[][] symmetric(float[][] numbers, int group, int least, int most) {
    return grouped(
        numbers,
        group,
        part -> {
          float top = 0;
          for (float number : part) {
            top = Math.max(top, Math.abs(number));
          }
          float scale = top / most;
          return number ->
              (float) Math.max(least, Math.min(most, Math.rint(number / scale))) * scale;
        });
  }

  /** The range of a group, zero in it, over all codes; zero is a code. */
  private static float[][] withZeros(float[][] numbers, int group, int most) {
    return grouped(
        numbers,
        group,
        part -> {
          float low = Math.min(0, least(part));
          float scale = (Math.max(0, -least(negated(part))) - low) / most;
          double zero = Math.rint(-low / scale);
          return number ->
              (float) (Math.max(0, Math.min(most, Math.rint(number / scale) + zero)) - zero)
                  * scale;
        });
  }

  /** The range of a group over all codes. */
  private static float[][] affine(float[][] numbers, int group, int most) {
    return grouped(
        numbers,
        group,
        part -> {
          float low = least(part);
          float scale = (-least(negated(part)) - low) / most;
          return number ->
              (float) Math.max(0, Math.min(most, Math.rint((number - low) / scale))) * scale + low;
        });
  }

  private interface Fit {
    Rounding to(float[] part);
  }

  private static float[][] grouped(float[][] numbers, int group, Fit fit) {
    float[][] rounded = new float[ROWS][WIDTH];
    for (int r = 0; r < ROWS; r++) {
      for (int start = 0; start < WIDTH; start += group) {
        Rounding rounding = fit.to(Arrays.copyOfRange(numbers[r], start, start + group));
        for (int i = start; i < start + group; i++) {
          rounded[r][i] = rounding.of(numbers[r][i]);
        }
      }
    }
    return rounded;
  }

  private static float[][] fp8(float[][] numbers) {
    float[][] rounded = new float[ROWS][WIDTH];
    int edge = 128;
    for (int r = 0; r < ROWS; r += edge) {
      for (int start = 0; start < WIDTH; start += edge) {
        float top = 0;
        for (int i = 0; i < edge * edge; i++) {
          top = Math.max(top, Math.abs(numbers[r + i / edge][start + i % edge]));
        }
        float scale = top / 448;
        for (int i = 0; i < edge * edge; i++) {
          float number = numbers[r + i / edge][start + i % edge] / scale;
          rounded[r + i / edge][start + i % edge] = e4m3(number) * scale;
        }
      }
    }
    return rounded;
  }

  /** Three bits of fraction, down to exponent -6. */
  private static float e4m3(float number) {
    int exponent = Math.max(-6, Math.getExponent(number));
    float step = Math.scalb(1f, exponent - 3);
    return (float) Math.rint(number / step) * step;
  }

  private static float least(float[] numbers) {
    float least = numbers[0];
    for (float number : numbers) {
      least = Math.min(least, number);
    }
    return least;
  }

  private static float[] negated(float[] numbers) {
    float[] negated = new float[numbers.length];
    for (int i = 0; i < numbers.length; i++) {
      negated[i] = -numbers[i];
    }
    return negated;
  }
}
