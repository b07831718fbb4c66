package io.qwark.jobs.doctor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.qwark.engine.api.UserException;
import io.qwark.engine.cuda.CardMemory;
import io.qwark.engine.cuda.Cards;
import io.qwark.engine.cuda.Cards.State;
import io.qwark.engine.cuda.CudaCard;
import io.qwark.jobs.doctor.Finding.Level;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class GpusTest {
  private static final long GIB = 1L << 30;
  private static final CudaCard H100 =
      new CudaCard(0, "NVIDIA H100 80GB HBM3", "07172737", 9, 0, 80 * GIB);
  private static final CudaCard T4 = new CudaCard(1, "Tesla T4", "08182838", 7, 5, 16 * GIB);

  private static Cards cards(CudaCard... all) {
    return new Cards(State.READY, "570.86.15, CUDA 12.8", List.of(all), null, null);
  }

  private static Cards none(State state, String driver) {
    return new Cards(state, driver, List.of(), "of a reason", "Do something");
  }

  private static CardMemory allButOneGib(CudaCard card) {
    return new CardMemory(card.memory(), card.memory() - GIB);
  }

  @Test
  void eachCardIsToldWithWhatIsFreeOfIt() {
    List<Finding> findings = Gpus.look(cards(H100, T4), GpusTest::allButOneGib);
    assertEquals(
        List.of(
            Finding.ok("Devices", "CPU and 2 GPUs, NVIDIA driver 570.86.15, CUDA 12.8"),
            Finding.ok(
                "GPU cuda:0",
                "NVIDIA H100 80GB HBM3, compute capability 9.0, 80.0 GiB, 79.0 GiB free")),
        findings.subList(0, 2));
    // Turing has neither bfloat16 nor what libtorch's flash attention needs.
    assertEquals(Level.WARN, findings.get(2).level());
    assertTrue(findings.get(2).found().endsWith("all but float32 needs 8.0 or higher"));
  }

  @Test
  void aCardThatLetsNobodyOnIsAWarning() {
    Finding finding =
        Gpus.look(
                cards(H100),
                card -> {
                  throw new UserException("Cannot", "it is another's", "End it");
                })
            .get(1);
    assertEquals(Level.WARN, finding.level());
    assertTrue(finding.found().endsWith("80.0 GiB: it is another's"), finding.found());
    assertEquals("End it", finding.remedy());
  }

  @Test
  void aMachineWithoutADriverIsWellAndOneThatHidesItsCardsIsNot() {
    assertEquals(
        List.of(Finding.ok("Devices", "CPU (no GPU)")),
        Gpus.look(none(State.NO_DRIVER, null), GpusTest::allButOneGib));
    for (Cards cards :
        List.of(
            none(State.NO_DRIVER, "570.86.15"),
            none(State.NO_CARD, "570.86.15"),
            none(State.HIDDEN, "570.86.15"),
            none(State.FAILED, "570.86.15"))) {
      assertEquals(
          List.of(
              Finding.warn(
                  "Devices", "CPU only: of a reason, NVIDIA driver 570.86.15", "Do something")),
          Gpus.look(cards, GpusTest::allButOneGib));
    }
  }

  /** The quickstart's model is so small that all samples fit at their longest. */
  @Test
  void whatAReplicaWouldBeOnACardIsToldForEachWay() {
    Path model = Path.of(System.getProperty("qwark.root"), "datasets/quickstart/model");
    List<Finding> findings = PlanLook.onCard(model, H100, allButOneGib(H100));
    assertEquals(
        List.of("cuda:0, bfloat16", "cuda:0, fp8", "cuda:0, int8", "cuda:0, int4"),
        findings.stream().map(Finding::subject).toList());
    assertEquals(Level.OK, findings.get(0).level(), findings.toString());
    // By hand, from its config.json: K and V of 4 layers, 2 key heads and 32 numbers of 2 bytes.
    assertTrue(
        findings.get(0).found().contains("of 1,024 bytes (bfloat16); 72.0 GiB may be taken"),
        findings.get(0).found());
    // A card without memory.
    CudaCard small = new CudaCard(0, "NVIDIA Test", "", 9, 0, GIB);
    for (Finding finding : PlanLook.onCard(model, small, new CardMemory(GIB, 0))) {
      assertEquals(Level.WARN, finding.level(), finding.toString());
      assertTrue(finding.found().startsWith("Cannot"), finding.found());
    }
  }

  @Test
  void cardsAreOfNoUseToALibtorchWithoutCuda() {
    Finding without = Gpus.torch(cards(H100), "2.7.1", false);
    assertEquals(Level.WARN, without.level());
    assertTrue(without.found().contains("libtorch 2.7.1 serves no CUDA here"), without.found());
    assertTrue(without.remedy().contains("PYTORCH_LIBRARY_PATH"), without.remedy());
    assertEquals(Level.OK, Gpus.torch(cards(H100), "2.11.0", true).level());
    assertEquals(Level.OK, Gpus.torch(none(State.NO_DRIVER, null), "2.7.1", false).level());
  }
}
