package io.qwark.jobs.doctor;

import java.net.URL;
import java.util.List;

/** Whether libtorch and the tokenizer's library are where they are looked for. */
final class Natives {
  private static final String LIBTORCH = "native/lib/pytorch.properties";
  private static final String TOKENIZER = "native/lib/linux-x86_64/cpu/libtokenizers.so";

  private Natives() {}

  static List<Finding> look() {
    return List.of(libtorch(), tokenizer());
  }

  private static Finding libtorch() {
    String own = System.getenv("PYTORCH_LIBRARY_PATH");
    if (own != null) {
      return Finding.ok("libtorch", "from PYTORCH_LIBRARY_PATH = " + own);
    }
    URL found = find(LIBTORCH);
    return found == null
        ? Finding.fail(
            "libtorch",
            "not on the class path",
            "Start with ./submit.sh, or give spark-submit --jars the jar in jobs/target/natives")
        : Finding.ok("libtorch", "on the class path");
  }

  private static Finding tokenizer() {
    return find(TOKENIZER) == null
        ? Finding.fail(
            "Tokenizer library",
            "not on the class path for this platform",
            "Use Linux on x86-64, and the application jar as it was built")
        : Finding.ok("Tokenizer library", "on the class path");
  }

  private static URL find(String resource) {
    ClassLoader loader = Thread.currentThread().getContextClassLoader();
    return loader.getResource(resource);
  }
}
