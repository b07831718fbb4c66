package io.qwark.bench.gpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

class LoadTest {
  @Test
  void whatHasATargetComesFirst() {
    List<Load> loads = Load.all(List.of(1, 8, 64, 256, 512), List.of(128, 1024), 1024);
    assertEquals(
        List.of(256, 1, 8, 64, 512, 256, 1, 8, 64, 512),
        loads.stream().map(Load::samples).toList());
    assertEquals("128/1024 x 256", loads.get(0).name());
    assertEquals("1024/1024 x 512", loads.get(9).name());
  }

  @Test
  void itHasMostOfTheTime() {
    List<Load> loads = Load.all(List.of(1, 256, 512), List.of(128, 1024), 1024);
    double first = loads.get(0).weight();
    assertTrue(loads.stream().skip(1).allMatch(load -> load.weight() < first));
  }
}
