package io.qwark.jobs.doctor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.qwark.engine.HostMemory;
import io.qwark.engine.api.Placement;
import io.qwark.jobs.doctor.Finding.Level;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DoctorTest {
  private static final Path MODEL =
      Path.of(System.getProperty("qwark.root"), "datasets/quickstart/model");

  @TempDir Path folder;

  private Finding processors(String flags) throws IOException {
    return Processors.look(
        Files.writeString(folder.resolve("cpuinfo"), "processor : 0\nflags\t\t: " + flags + "\n"));
  }

  @Test
  void aMachineThatRunsTheTestsIsWell() {
    List<Finding> findings = Doctor.examine(MODEL);
    assertTrue(Doctor.isWell(findings), findings.toString());
    assertTrue(findings.stream().anyMatch(f -> f.subject().equals("Model weights")));
  }

  @Test
  void whatIsChosenFromTheMachineIsToldWithItsReason() {
    List<Finding> findings = PlanLook.at(MODEL, new Placement("cpu", 2));
    assertEquals(
        List.of(
            "Replica, int8", "KV cache, int8", "Replica, float32", "KV cache, float32", "Steps"),
        findings.stream().map(Finding::subject).toList());
    Finding float32 = findings.get(2);
    assertEquals(
        "stock kernels (native ones not: they multiply in whole numbers, and the quantization is float32);"
            + " 1 thread, since the model is tiny",
        float32.found());
    // By hand, from its config.json: K and V of 4 layers, 2 key heads and 32 numbers of 4 bytes.
    assertTrue(
        findings.get(3).found().contains(" tokens of 2,048 bytes (float32), "),
        findings.get(3).found());
    assertTrue(findings.get(4).found().startsWith("2,048 tokens of up to 64 samples; prompts in"));
  }

  @Test
  void missingSettingsOfTheEnvironmentAreNamedWithTheirValues() {
    Map<String, String> asSubmitSetsThem =
        Map.of(
            "MALLOC_ARENA_MAX", "1",
            "MALLOC_MMAP_MAX_", "0",
            "MALLOC_TRIM_THRESHOLD_", "8000000000",
            "MALLOC_TOP_PAD_", "67108864",
            "OMP_WAIT_POLICY", "PASSIVE");
    assertTrue(
        Environment.look(asSubmitSetsThem).stream().allMatch(f -> f.level() == Level.OK),
        "all set");
    Map<String, String> some = new HashMap<>(asSubmitSetsThem);
    some.remove("MALLOC_MMAP_MAX_");
    some.put("OMP_WAIT_POLICY", "ACTIVE");
    List<Finding> findings = Environment.look(some);
    assertEquals(Level.WARN, findings.get(0).level());
    assertTrue(findings.get(0).remedy().contains("MALLOC_MMAP_MAX_=0"), findings.toString());
    assertFalse(findings.get(0).remedy().contains("ARENA"), findings.toString());
    assertEquals(Level.WARN, findings.get(1).level());
    assertTrue(findings.get(1).found().contains("OMP_WAIT_POLICY=ACTIVE"), findings.toString());
  }

  /** The doctor would warn of nothing in a job that submit.sh starts. */
  @Test
  void submitScriptSetsWhatTheDoctorLooksFor() throws IOException {
    String script = Files.readString(Path.of(System.getProperty("qwark.root"), "submit.sh"));
    for (Finding finding : Environment.look(Map.of())) {
      for (String word : finding.remedy().split("[ ,]+")) {
        if (word.contains("=")) {
          String name = word.substring(0, word.indexOf('='));
          String value = word.substring(word.indexOf('=') + 1);
          assertTrue(script.contains("export %s=${%s-%s}".formatted(name, name, value)), word);
        }
      }
    }
  }

  @Test
  void littleFreeMemoryIsAWarning() {
    assertEquals(Level.WARN, Machine.memory(new HostMemory(64L << 30, 3L << 30)).level());
    assertEquals(Level.OK, Machine.memory(new HostMemory(64L << 30, 5L << 30)).level());
  }

  @Test
  void aMissingModelFolderIsAFailureWithARemedy() {
    List<Finding> findings = Doctor.examine(folder.resolve("absent"));
    assertFalse(Doctor.isWell(findings));
    StringWriter text = new StringWriter();
    Doctor.print(findings, new PrintWriter(text));
    assertTrue(text.toString().contains("FAIL  Model"), text.toString());
    assertTrue(text.toString().contains("-> Give the path of a folder"), text.toString());
  }

  @Test
  void aModelFolderIsLookedAtPartByPart() throws IOException {
    for (String name : List.of("tokenizer.json", "tokenizer_config.json")) {
      Files.writeString(folder.resolve(name), "{}");
    }
    Files.writeString(folder.resolve("config.json"), "{");
    Files.writeString(folder.resolve("model.safetensors"), "short");
    List<Finding> findings = ModelLook.at(folder);
    assertEquals(
        List.of(Level.OK, Level.FAIL, Level.FAIL, Level.FAIL, Level.WARN),
        findings.stream().map(Finding::level).toList(),
        findings.toString());
  }

  @Test
  void withoutVnniInt8IsNotFast() throws IOException {
    assertEquals(Level.WARN, processors("fpu avx2 avx512f").level());
    assertEquals(Level.OK, processors("fpu avx2 avx512f avx512_vnni").level());
    assertEquals(Level.OK, processors("fpu avx2 avx_vnni").level());
    assertEquals(Level.WARN, processors("fpu").level());
  }

  @Test
  void oldJavaAndNoSparkAreFailures() {
    assertEquals(Level.FAIL, Machine.java(11).level());
    assertEquals(Level.OK, Machine.java(17).level());
    assertEquals(Level.FAIL, Machine.spark(null).level());
    assertEquals(Level.WARN, Machine.spark("3.3.1").level());
    assertEquals(Level.OK, Machine.spark("4.2.0").level());
  }

  @Test
  void aFolderThatCannotBeMadeIsAFailure() throws IOException {
    Path file = Files.writeString(folder.resolve("file"), "");
    assertEquals(Level.FAIL, Machine.folder("Native cache", file.resolve("x")).level());
    assertEquals(Level.FAIL, Machine.folder("Temporary folder", file).level());
  }
}
