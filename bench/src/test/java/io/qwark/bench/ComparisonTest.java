package io.qwark.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.qwark.bench.RowResult.Measured;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ComparisonTest {
  private static final Roofline MACHINE = new Roofline(30, 1000.0, "some", null, 300.0);
  private static final HeldAs INT8 = HeldAs.of("int8");
  private static final List<String> SIDES = List.of("qwark", "q4_0", "q8_0");

  private static final Loads LOADS = new Loads(20, 6, new ProcessMemory(100, 5000, 5100));

  @TempDir Path folder;

  /** Medians 300, 100 and 80: three times the better one. */
  private static RowResult decode8() {
    RowResult row = row(Row.DECODE_8);
    for (double ours : new double[] {310, 200, 300}) {
      row.add(measured("qwark", ours, 454, false));
    }
    for (double theirs : new double[] {100, 90, 150}) {
      row.add(measured("q4_0", theirs, 454, false));
    }
    row.add(measured("q8_0", 80, 454, false));
    return row;
  }

  /** With a cache of 144 MiB: 36 layers x 8 heads x 128 x 2 of two bytes, 1,024 times. */
  private static RowResult row(Row of) {
    RowResult row = new RowResult(of);
    Map<String, String> ready = Map.of("kv_cache_tokens", "1024", "kv_cache_dtype", "bfloat16");
    row.addProcess("qwark", new Answer(ready), new ProcessMemory(4000, 1003, 5004));
    return row;
  }

  private static Measured measured(String side, double rate, int firstToken, boolean stopped) {
    return new Measured(side, 320 / rate, rate, stopped, firstToken, Map.of());
  }

  private static ShapeResult shape(RowResult... rows) {
    return new ShapeResult(Shape.QWEN3_4B, INT8, LOADS, List.of(rows), null);
  }

  private static String text(RowResult row) {
    return new ComparisonReport(shape(row), SIDES, MACHINE).toString();
  }

  @Test
  void theRatioIsThatOfMediansToTheBetterFormat() {
    assertEquals(3.0, decode8().ratio().orElseThrow());
    assertEquals(Optional.empty(), alone().ratio());
  }

  private static RowResult alone() {
    RowResult row = row(Row.DECODE_8);
    row.add(measured("qwark", 310, 454, false));
    return row;
  }

  /** 2.5 is the target of this row, 3.5 that of the next. */
  @Test
  void theReportSaysWhetherATargetIsMet() {
    String line = line(text(decode8()), "decode, batch 8");
    assertTrue(line.matches("decode, batch 8 +300 +100 +80\\.0 +3\\.00 +2\\.5 +met .*"), line);
    RowResult row = row(Row.DECODE_32);
    row.add(measured("qwark", 300, 454, false));
    row.add(measured("q4_0", 100, 454, false));
    row.add(measured("q8_0", 80, 454, true));
    line = line(text(row), "decode, batch 32");
    assertTrue(line.matches(".* 300 +100 +< 80\\.0 +3\\.00 +3\\.5 +missed .*"), line);
  }

  @Test
  void withoutAnotherSideThereIsNoVerdict() {
    String text = new ComparisonReport(shape(alone()), List.of("qwark"), null).toString();
    String line = line(text, "decode, batch 8");
    assertTrue(line.matches("decode, batch 8 +310 +- +2\\.5 +- +-"), line);
  }

  @Test
  void differentFirstTokensAreTold() {
    assertFalse(text(decode8()).contains("different tokens"));
    RowResult row = decode8();
    row.add(measured("q8_0", 80, 455, false));
    assertTrue(text(row).contains("{qwark=454, q4_0=454, q8_0=455}"));
  }

  /** 320 tokens in 320/300 s; the least is 40 steps that read the weights and the cache. */
  @Test
  void theRooflinesShareIsTheLeastTimeOverOurs() {
    double least = MACHINE.leastSeconds(Work.of(Shape.QWEN3_4B, Row.DECODE_8.job(), INT8));
    assertEquals(
        least / (320 / 300.0),
        decode8().rooflineShare(Shape.QWEN3_4B, INT8, MACHINE).orElseThrow(),
        1e-12);
  }

  @Test
  void aCommonBeginningIsComparedByMedians() {
    PrefixResult prefix = new PrefixResult(List.of(12.0, 13.0, 30.0), List.of(10.0, 1.0, 11.0));
    assertEquals(1.3, prefix.ratio());
    ShapeResult result = new ShapeResult(Shape.TINY, INT8, LOADS, List.of(), prefix);
    String text = new ComparisonReport(result, SIDES, null).toString();
    assertTrue(text.contains("1.30 times as long"), text);
    assertTrue(text.contains("target 1.3, met"), text);
  }

  /** 4,022,272,000 bytes of weights are 3,835.9 MiB; 144 of cache, 1,024 more. */
  @Test
  void memoryMayHoldWeightsCacheAndOneGibibyte() {
    RowResult row = row(Row.PREFILL_512);
    SIDES.forEach(side -> row.add(measured(side, 300, 454, false)));
    String line = line(text(row), "memory after prefill 512");
    assertTrue(line.endsWith("most 5,004 MiB, target 5,003, missed"), line);
  }

  @Test
  void the4bShapeHasTimesToLoadIn() {
    String line = line(text(decode8()), "loading");
    assertTrue(line.contains("20.0 s the first time, 6.0 s again"), line);
    assertTrue(line.contains("targets 30 and 5 s, met and missed"), line);
  }

  @Test
  void jsonHasTheFiguresByShapeAndRow() throws IOException {
    Map<String, Object> facts = Map.of("threads", 2);
    Path file = folder.resolve("figures.json");
    new ComparisonJson(facts, List.of(shape(decode8())), MACHINE).write(file.toFile());
    JsonNode json = new ObjectMapper().readTree(file.toFile());
    assertEquals(2, json.at("/threads").asInt());
    assertEquals(3.0, json.at("/ratios/4b/decode_8").asDouble());
    assertEquals(2.5, json.at("/targets/decode_8").asDouble());
    assertTrue(json.at("/met/4b/decode_8").asBoolean());
    assertEquals(300, json.at("/tokens_per_second/4b/decode_8/qwark").asDouble());
    assertEquals(100, json.at("/tokens_per_second/4b/decode_8/q4_0").asDouble());
    assertEquals(80, json.at("/tokens_per_second/4b/decode_8/q8_0").asDouble());
    assertEquals(30, json.at("/roofline/read_gb_per_s").asDouble());
    assertEquals(1000, json.at("/roofline/int8_gop_per_s").asDouble());
    assertTrue(json.at("/roofline_share/4b/decode_8").asDouble() > 0);
    assertEquals(7, json.at("/measured/4b/decode_8").size());
    assertEquals(310, json.at("/measured/4b/decode_8/0/tokens_per_second").asDouble());
  }

  private static String line(String text, String beginning) {
    return text.lines().filter(l -> l.startsWith(beginning)).findFirst().orElseThrow();
  }
}
