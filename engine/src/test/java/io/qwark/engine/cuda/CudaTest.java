package io.qwark.engine.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.qwark.engine.api.UserException;
import io.qwark.engine.cuda.Cards.State;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CudaTest {
  private static final long GIB = 1L << 30;

  @TempDir Path folder;

  private Path root() throws IOException {
    return Files.createDirectories(folder.resolve("root"));
  }

  private Cards look(String visible, String... macros) throws IOException {
    return Cuda.look(FakeDriver.build(folder, macros), visible, root());
  }

  private Path proc(String path) throws IOException {
    return Files.createDirectories(root().resolve("proc/driver/nvidia").resolve(path));
  }

  @Test
  void tellsWhatTheDriverTells() throws IOException {
    Path version = Files.createDirectories(root().resolve("sys/module/nvidia"));
    Files.writeString(version.resolve("version"), "570.86.15\n");
    Cards cards = look(null);
    assertEquals(State.READY, cards.state());
    assertEquals("570.86.15, CUDA 12.8", cards.driver());
    assertEquals(
        List.of(
            new CudaCard(
                0, "NVIDIA H100 80GB HBM3", "07172737-4757-6777-8797-a7b7c7d7e7f7", 9, 0, 80 * GIB),
            new CudaCard(1, "NVIDIA L4", "08182838-4858-6878-8898-a8b8c8d8e8f8", 8, 9, 24 * GIB)),
        cards.all());
  }

  @Test
  void olderDriversTellTheSame() throws IOException {
    assertEquals(look(null).all(), look(null, "OLD").all());
  }

  @Test
  void freeMemoryIsWhatIsLeftToAProcessOnTheCard() throws IOException {
    String library = FakeDriver.build(folder, "COUNT=2");
    CudaCard card = Cuda.look(library, null, root()).all().get(1);
    // Each time the same: the process leaves the card again.
    assertEquals(new CardMemory(24 * GIB, 23 * GIB), Cuda.memory(library, card));
    assertEquals(new CardMemory(24 * GIB, 23 * GIB), Cuda.memory(library, card));
  }

  @Test
  void aCardThatIsFullOrAnothersIsAMistakeWithARemedy() throws IOException {
    for (String[] expected :
        List.of(
            new String[] {"2", "CUDA_ERROR_OUT_OF_MEMORY", "Free memory of the card"},
            new String[] {"46", "CUDA_ERROR_DEVICE_UNAVAILABLE", "has the card to itself"},
            new String[] {"719", "says error (719)", "nvidia-smi"})) {
      String library = FakeDriver.build(folder, "ENTER=" + expected[0]);
      CudaCard card = Cuda.look(library, null, root()).all().get(0);
      UserException e = assertThrows(UserException.class, () -> Cuda.memory(library, card));
      assertTrue(e.reason().contains(expected[1]), e.getMessage());
      assertTrue(e.remedy().contains(expected[2]), e.getMessage());
    }
  }

  @Test
  void noDriverIsToldFromOneThatAContainerDoesNotSee() throws IOException {
    Cards none = Cuda.look("libqwark_absent.so.1", null, root());
    assertEquals(State.NO_DRIVER, none.state());
    assertTrue(none.reason().startsWith("there is no NVIDIA driver"), none.reason());
    proc("gpus/0000:01:00.0");
    Cards unseen = Cuda.look("libqwark_absent.so.1", null, root());
    assertEquals(State.NO_DRIVER, unseen.state());
    assertTrue(unseen.reason().startsWith("the kernel has NVIDIA's driver"), unseen.reason());
    assertTrue(unseen.remedy().contains("--gpus all"), unseen.remedy());
  }

  @Test
  void noCardIsToldFromOneThatIsHidden() throws IOException {
    assertEquals(State.NO_CARD, look(null, "START=100").state());
    assertEquals(State.NO_CARD, look(null, "COUNT=0").state());
    Cards hidden = look("", "START=100");
    assertEquals(State.HIDDEN, hidden.state());
    assertTrue(hidden.reason().contains("CUDA_VISIBLE_DEVICES="), hidden.reason());
    proc("gpus/0000:01:00.0");
    assertEquals(State.HIDDEN, look("5", "COUNT=0").state());
    Files.delete(proc("gpus/0000:01:00.0"));
    // The variable hides nothing where the kernel has nothing.
    assertEquals(State.NO_CARD, look("5", "START=100").state());
  }

  @Test
  void aDriverThatDoesNotStartIsExplained() throws IOException {
    Cards mismatch = look(null, "START=803");
    assertEquals(State.FAILED, mismatch.state());
    assertTrue(mismatch.reason().contains("CUDA_ERROR_SYSTEM_DRIVER_MISMATCH (803)"));
    assertTrue(mismatch.remedy().startsWith("Restart"), mismatch.remedy());
    assertTrue(look(null, "START=34").remedy().contains("LD_LIBRARY_PATH"));
    assertTrue(look(null, "START=802").remedy().contains("fabricmanager"));
    assertTrue(look(null, "START=999").remedy().contains("nvidia-smi"));
  }

  @Test
  void aLibraryThatIsNoDriverIsNoCrash() throws IOException {
    Path text = Files.writeString(folder.resolve("libtext.so"), "no library");
    assertEquals(State.NO_DRIVER, Cuda.look(text.toString(), null, root()).state());
    // The C library has none of the driver's functions.
    Cards other = Cuda.look("libc.so.6", null, root());
    assertEquals(State.FAILED, other.state());
    assertTrue(other.reason().startsWith("libc.so.6 is no driver"), other.reason());
  }

  @Test
  void aDeviceIsACardOrAMistake() throws IOException {
    Cards cards = look(null);
    assertEquals("NVIDIA L4", cards.require("cuda:1").name());
    UserException beyond = assertThrows(UserException.class, () -> cards.require("cuda:2"));
    assertTrue(
        beyond
            .getMessage()
            .contains("sees 2 cards: cuda:0 NVIDIA H100 80GB HBM3, cuda:1 NVIDIA L4"),
        beyond.getMessage());
    for (String wrong : List.of("cuda", "cuda:", "cuda:-1", "gpu:0", "cuda:GPU-08", "cuda:99999")) {
      assertThrows(UserException.class, () -> cards.require(wrong), wrong);
    }
    Cards none = look(null, "COUNT=0");
    UserException absent = assertThrows(UserException.class, () -> none.require("cuda:0"));
    assertEquals("Cannot place a replica on cuda:0", absent.problem());
    assertEquals(none.reason(), absent.reason());
  }

  @Test
  void capabilitiesCompareAsVersionsDo() {
    CudaCard card = new CudaCard(0, "NVIDIA L4", "", 8, 9, 24 * GIB);
    assertTrue(card.isAtLeast(8, 9));
    assertTrue(card.isAtLeast(7, 10));
    assertFalse(card.isAtLeast(9, 0));
    assertEquals("8.9", card.capability());
  }
}
