package io.qwark.udf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.spark.resource.ResourceInformation;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** conf/gpu-discovery.sh beside an nvidia-smi of the test's own, read as Spark reads it. */
class GpuDiscoveryScriptTest {
  private static final String SCRIPT =
      Path.of(System.getProperty("qwark.root"), "conf", "gpu-discovery.sh").toString();

  @TempDir Path folder;

  private record Result(int status, String out, String err) {}

  @BeforeEach
  void threeCards() throws IOException {
    nvidiaSmi(
        """
        [ "$*" = "--query-gpu=index,uuid --format=csv,noheader" ] || exit 9
        echo "0, GPU-aa11"
        echo "1, GPU-aa22"
        echo "2, GPU-bb33"
        """);
  }

  private void nvidiaSmi(String body) throws IOException {
    Path file = Files.writeString(folder.resolve("nvidia-smi"), "#!/bin/sh\n" + body);
    assertTrue(file.toFile().setExecutable(true));
  }

  private Result run(String visible) throws Exception {
    ProcessBuilder builder = new ProcessBuilder(SCRIPT);
    builder.environment().remove("CUDA_VISIBLE_DEVICES");
    builder.environment().put("PATH", folder + ":/usr/bin:/bin");
    if (visible != null) {
      builder.environment().put("CUDA_VISIBLE_DEVICES", visible);
    }
    builder.redirectError(folder.resolve("err").toFile());
    Process process = builder.start();
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return new Result(process.waitFor(), out, Files.readString(folder.resolve("err")));
  }

  private List<String> addresses(String visible) throws Exception {
    Result result = run(visible);
    assertEquals(0, result.status, result.err);
    ResourceInformation found = ResourceInformation.parseJson(result.out);
    assertEquals("gpu", found.name());
    return List.of(found.addresses());
  }

  private void assertFails(String visible, String message) throws Exception {
    Result result = run(visible);
    assertEquals(1, result.status);
    assertEquals("", result.out);
    assertTrue(
        result.err.startsWith("gpu-discovery.sh: ") && result.err.contains(message), result.err);
  }

  @Test
  void allCardsAreAnnounced() throws Exception {
    assertEquals(List.of("0", "1", "2"), addresses(null));
  }

  @Test
  void onlyVisibleCardsAreAnnounced() throws Exception {
    assertEquals(List.of("2", "0"), addresses("2, 0"));
    assertEquals(List.of("2", "1"), addresses("GPU-bb,GPU-aa22"));
    assertEquals(List.of("MIG-1f-2"), addresses("MIG-1f-2"));
    assertEquals(List.of("1"), addresses("1,-1,0"));
  }

  @Test
  void everyAnnouncedCardIsFoundAgainByTheReplica() throws Exception {
    HostCards host = HostCards.parse("0, GPU-aa11\n1, GPU-aa22\n2, GPU-bb33");
    for (String visible : new String[] {null, "2,0", "GPU-bb,1"}) {
      List<String> addresses = addresses(visible);
      for (int i = 0; i < addresses.size(); i++) {
        assertEquals(i, CudaDevice.of(addresses.get(i), visible, host).ordinal());
      }
    }
  }

  @Test
  void aMachineWithoutCardsFailsAndSaysWhy() throws Exception {
    assertFails("", "there is no card to use: CUDA_VISIBLE_DEVICES is ,");
    assertFails("7", "there is no card to use: CUDA_VISIBLE_DEVICES is 7");
    nvidiaSmi("exit 0\n");
    assertFails(null, "nvidia-smi lists: nothing");
    nvidiaSmi("echo 'NVIDIA-SMI has failed'; exit 9\n");
    assertFails(null, "nvidia-smi failed: NVIDIA-SMI has failed");
    Files.delete(folder.resolve("nvidia-smi"));
    assertFails(null, "there is no nvidia-smi on the PATH");
  }
}
