package io.qwark.jobs.doctor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.qwark.jobs.doctor.Finding.Level;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
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
