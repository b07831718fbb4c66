package io.qwark.bench.gpu;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class BudgetTest {
  private final AtomicLong clock = new AtomicLong(5_000_000_000L);
  private final Budget budget = new Budget(100, clock::get);

  @Test
  void timeIsDividedByWeight() {
    assertEquals(60, budget.first(List.of(3.0, 1.0, 1.0)), 1e-9);
  }

  @Test
  void whatOneLeavesIsForTheOthers() {
    clock.addAndGet(20_000_000_000L);
    assertEquals(40, budget.first(List.of(1.0, 1.0)), 1e-9);
  }

  @Test
  void theLastHasAllThatIsLeft() {
    clock.addAndGet(99_000_000_000L);
    assertEquals(1, budget.first(List.of(0.5)), 1e-9);
  }

  @Test
  void nothingIsLeftAfterTheEnd() {
    clock.addAndGet(101_000_000_000L);
    assertEquals(0, budget.left());
  }
}
