package io.qwark.engine.torch;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** Tests of operators through {@link KernelProbe}. */
abstract class KernelTest {
  static TorchModule module;

  @BeforeAll
  static void load() {
    module = KernelProbe.load();
  }

  @AfterAll
  static void close() {
    if (module != null) {
      module.close();
      module = null;
    }
  }
}
