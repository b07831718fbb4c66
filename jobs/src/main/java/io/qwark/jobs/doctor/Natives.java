package io.qwark.jobs.doctor;

import io.qwark.engine.NativeLibraries;
import io.qwark.engine.api.UserException;
import io.qwark.engine.cuda.Cards;
import java.net.URL;
import java.util.ArrayList;
import java.util.List;

/** Whether libtorch can be loaded and the tokenizer's library is where it is looked for. */
final class Natives {
  private static final String TOKENIZER = "native/lib/linux-x86_64/cpu/libtokenizers.so";

  private Natives() {}

  static List<Finding> look(Cards cards) {
    List<Finding> findings = new ArrayList<>();
    findings.add(libtorch());
    if (Doctor.isWell(findings)) {
      findings.add(
          Gpus.torch(cards, NativeLibraries.libtorch(), NativeLibraries.libtorchServesCuda()));
    }
    findings.add(tokenizer());
    return findings;
  }

  /** Loads it, since being there does not mean that it works. */
  private static Finding libtorch() {
    String own = System.getenv("PYTORCH_LIBRARY_PATH");
    String from = own == null ? "the class path" : "PYTORCH_LIBRARY_PATH = " + own;
    try {
      return Finding.ok("libtorch", NativeLibraries.libtorch() + ", loaded from " + from);
    } catch (UserException e) {
      return Finding.fail(
          "libtorch",
          "cannot be loaded from " + from + ": " + e.reason(),
          "Start with ./submit.sh, or give spark-submit --jars the jar in jobs/target/natives");
    }
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
