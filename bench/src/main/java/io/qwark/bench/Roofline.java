package io.qwark.bench;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;

/**
 * What the machine can do with so many threads, as {@code roofline.c} measures it. What the
 * processor has no instructions for is null.
 *
 * @param readGbPerS memory read, 10^9 bytes a second
 * @param int8GopPerS 8-bit multiplications and additions, 10^9 a second
 */
record Roofline(
    @JsonProperty("read_gb_per_s") double readGbPerS,
    @JsonProperty("int8_gop_per_s") Double int8GopPerS,
    @JsonProperty("int8_instructions") String int8Instructions,
    @JsonProperty("bfloat16_gop_per_s") Double bfloat16GopPerS,
    @JsonProperty("float32_gop_per_s") Double float32GopPerS) {

  static Roofline measure(Path program, int threads) throws IOException {
    Process process =
        new ProcessBuilder(program.toString(), Integer.toString(threads))
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    Map<String, String> values = new TreeMap<>();
    output.lines().map(line -> line.split("=", 2)).forEach(p -> values.put(p[0], p[1]));
    if (!values.containsKey("read_gb_per_s")) {
      throw new IOException(program + " printed " + output);
    }
    return new Roofline(
        Double.parseDouble(values.get("read_gb_per_s")),
        number(values, "int8_gop_per_s"),
        values.get("int8_instructions"),
        number(values, "bfloat16_gop_per_s"),
        number(values, "float32_gop_per_s"));
  }

  private static Double number(Map<String, String> values, String name) {
    String text = values.get(name);
    return text == null ? null : Double.valueOf(text);
  }

  /** The least time for such work, in seconds; null without instructions for 8-bit products. */
  Double leastSeconds(Work work) {
    if (int8GopPerS == null) {
      return null;
    }
    return Math.max(
        work.bytes() / (readGbPerS * 1e9), work.multiplications() * 2 / (int8GopPerS * 1e9));
  }
}
