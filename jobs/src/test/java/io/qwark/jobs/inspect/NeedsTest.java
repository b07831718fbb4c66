package io.qwark.jobs.inspect;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.qwark.engine.HostMemory;
import io.qwark.engine.Models;
import io.qwark.engine.api.UserException;
import io.qwark.engine.checkpoint.ModelFiles;
import io.qwark.engine.cuda.CardMemory;
import io.qwark.engine.cuda.Cards;
import io.qwark.engine.cuda.CudaCard;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class NeedsTest {
  private static final long GIB = 1L << 30;
  private static final Path MODEL =
      Path.of(System.getProperty("qwark.root"), "datasets/quickstart/model");

  private final ModelFiles files = Models.open(MODEL);
  private final Needs needs =
      new Needs(new MemoryNeed.Model(files, files.config(), 1_000_000), 100, 3);

  private static Cards cards(String... names) {
    List<CudaCard> all =
        IntStream.range(0, names.length)
            .mapToObj(i -> new CudaCard(i, names[i], "", 9, 0, 80 * GIB))
            .toList();
    return new Cards(Cards.State.READY, "CUDA 12.8", all, null, null);
  }

  @Test
  void cardsThatAreAlikeAreTakenOnce() {
    needs.addCpu(new HostMemory(16 * GIB, 8 * GIB));
    needs.addCards(cards("A", "A", "B"), card -> new CardMemory(80 * GIB, 79 * GIB));
    assertEquals(
        List.of("cpu", "cuda:0", "cuda:2"),
        needs.found().stream().map(MemoryNeed::device).distinct().toList());
    MemoryNeed onCard =
        needs.found().stream()
            .filter(n -> n.device().equals("cuda:0") && n.quantization().equals("bfloat16"))
            .findFirst()
            .orElseThrow();
    assertEquals(2_000_000, onCard.weightBytes());
    assertEquals(72 * GIB, onCard.available());
    // From config.json: K and V of 4 layers, 2 key heads and 32 numbers of 2 bytes.
    assertEquals(300 * 1024, onCard.cacheBytes());
    assertTrue(onCard.isEnough());
  }

  @Test
  void aCardThatLetsNobodyOnIsAnObstacle() {
    needs.addCards(
        cards("A"),
        card -> {
          throw new UserException("Cannot use cuda:0", "it is another's", "End it");
        });
    assertEquals(List.of(), needs.found());
    assertEquals(List.of("Cannot use cuda:0: it is another's"), needs.obstacles());
  }

  @Test
  void whatACardIsTooOldForIsAnObstacle() {
    CudaCard old = new CudaCard(0, "A", "", 8, 9, 24 * GIB);
    needs.addCards(
        new Cards(Cards.State.READY, "CUDA 12.8", List.of(old), null, null),
        card -> new CardMemory(24 * GIB, 23 * GIB));
    assertEquals(
        List.of(
            "cuda:0, fp8: Cannot run the model in fp8 on cuda:0 (A): that takes a GPU of compute"
                + " capability 9.0, and this one's is 8.9"),
        needs.obstacles());
  }

  @Test
  void aModelThatIsTooLargeForACardIsShownWithItsFigures() {
    Needs large = new Needs(new MemoryNeed.Model(files, files.config(), 40_000_000_000L), 100, 3);
    large.addCards(cards("A"), card -> new CardMemory(80 * GIB, 79 * GIB));
    MemoryNeed need = large.found().get(0);
    assertEquals("float32", need.quantization());
    assertEquals(160_000_000_000L, need.weightBytes());
    assertFalse(need.isEnough());
  }
}
