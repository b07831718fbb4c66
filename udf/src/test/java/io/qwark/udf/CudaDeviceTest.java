package io.qwark.udf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.qwark.engine.api.UserException;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * What CUDA makes of CUDA_VISIBLE_DEVICES is as the CUDA C Programming Guide has it: indices or
 * UUIDs, which may be cut short, in the order of the new numbers, up to the first invalid one.
 */
class CudaDeviceTest {
  private static final HostCards UNKNOWN = new HostCards(List.of());
  private static final HostCards FOUR =
      HostCards.parse(
          """
          0, GPU-aaaa1111-0000-0000-0000-000000000000
          1, GPU-aaaa2222-0000-0000-0000-000000000000
          2, GPU-bbbb3333-0000-0000-0000-000000000000
          3, GPU-cccc4444-0000-0000-0000-000000000000
          """);
  private static final String THIRD = "GPU-bbbb3333-0000-0000-0000-000000000000";

  @Test
  void anIndexIsTheNumberWhereNothingElseIsKnown() {
    assertEquals(new CudaDevice(3, "3"), CudaDevice.of("3", null, UNKNOWN));
  }

  @Test
  void aCardIsToldFromOthersByItsUuidWhicheverWayItIsAddressed() {
    assertEquals(new CudaDevice(2, THIRD), CudaDevice.of("2", null, FOUR));
    assertEquals(new CudaDevice(2, THIRD), CudaDevice.of(THIRD, null, FOUR));
  }

  @Test
  void cudaCountsFrom0InAContainerThatSeesTheCard3Alone() {
    HostCards one = HostCards.parse("3, GPU-cccc4444-0000-0000-0000-000000000000");
    assertEquals(0, CudaDevice.of("3", null, one).ordinal());
  }

  @Test
  void visibleDevicesRenumberTheCards() {
    assertEquals(new CudaDevice(1, THIRD), CudaDevice.of("2", "3, 2", FOUR));
    assertEquals(new CudaDevice(0, THIRD), CudaDevice.of(THIRD, "2,0", FOUR));
    assertEquals(new CudaDevice(1, THIRD), CudaDevice.of("2", "GPU-cccc,GPU-bbbb", FOUR));
    assertEquals(new CudaDevice(1, "2"), CudaDevice.of("2", "3,2", UNKNOWN));
    assertEquals(new CudaDevice(0, THIRD), CudaDevice.of(THIRD, "GPU-bbbb", UNKNOWN));
  }

  @Test
  void aPartOfACardIsFoundByItsUuid() {
    String part = "MIG-1234-5678";
    assertEquals(new CudaDevice(0, part), CudaDevice.of(part, part, FOUR));
    assertEquals(new CudaDevice(0, part), CudaDevice.of(part, part, UNKNOWN));
  }

  @Test
  void aCardThatCudaHidesIsRefused() {
    assertRefused("2", "0,1", FOUR, "CUDA_VISIBLE_DEVICES is `0,1`");
    assertRefused("2", "0,1", UNKNOWN, "CUDA_VISIBLE_DEVICES is `0,1`");
    assertRefused("2", "", FOUR, "does not name it");
    // CUDA looks at nothing behind an entry that it cannot read.
    assertRefused("2", "0,-1,2", FOUR, "does not name it");
    assertRefused("2", "NoDevFiles", UNKNOWN, "does not name it");
  }

  @Test
  void anAddressOfNoCardIsRefused() {
    assertRefused("7", null, FOUR, "nvidia-smi shows this process only [0 (GPU-aaaa1111");
    assertRefused(THIRD, null, UNKNOWN, "it is not an index");
    assertRefused("99999999999", null, UNKNOWN, "it is not an index");
  }

  private static void assertRefused(String address, String visible, HostCards host, String reason) {
    UserException mistake =
        assertThrows(UserException.class, () -> CudaDevice.of(address, visible, host));
    assertEquals(
        "Cannot use the GPU with the address " + address + " that Spark assigned",
        mistake.problem());
    assertTrue(mistake.reason().contains(reason), mistake.reason());
  }
}
