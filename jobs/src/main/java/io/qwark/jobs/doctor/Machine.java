package io.qwark.jobs.doctor;

import io.qwark.engine.HostMemory;
import io.qwark.jobs.run.Versions;
import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The machine: Java, Spark, processors, memory, folders. */
final class Machine {
  private static final long GIB = 1L << 30;

  /** libtorch unpacked, and room for Spark's spills. */
  private static final long FREE_SPACE = 2 * GIB;

  private Machine() {}

  static List<Finding> look() {
    List<Finding> findings = new ArrayList<>();
    findings.add(java(Runtime.version().feature()));
    findings.add(spark(Versions.spark()));
    findings.add(Processors.look(Path.of("/proc/cpuinfo")));
    findings.add(memory(HostMemory.look()));
    findings.add(folder("Temporary folder", Path.of(System.getProperty("java.io.tmpdir"))));
    findings.add(folder("Native cache", nativeCache()));
    return findings;
  }

  static Finding java(int feature) {
    String found =
        System.getProperty("java.version") + " (" + System.getProperty("java.vendor") + ")";
    return feature >= 17
        ? Finding.ok("Java", found)
        : Finding.fail("Java", found, "Set JAVA_HOME to a JDK 17 or newer");
  }

  /**
   * @param version or null for none
   */
  static Finding spark(String version) {
    if (version == null) {
      return Finding.fail(
          "Spark", "not on the class path", "Start with ./submit.sh or spark-submit");
    }
    return version.startsWith("4.") || version.startsWith("3.5")
        ? Finding.ok("Spark", version)
        : Finding.warn("Spark", version, "Use Spark 4 or 3.5, for which this is built");
  }

  static Finding memory(HostMemory memory) {
    String found =
        "%s for this machine or container, %s free; %s of it for Java's heap"
            .formatted(
                gib(memory.total()), gib(memory.free()), gib(Runtime.getRuntime().maxMemory()));
    return memory.free() < 4 * GIB
        ? Finding.warn(
            "Memory",
            found,
            "Free some: weights live outside Java's heap, int8 takes about 1 byte a parameter,"
                + " int4 0.6, float32 4")
        : Finding.ok("Memory", found);
  }

  /** Where DJL unpacks libtorch. */
  private static Path nativeCache() {
    String cache = System.getenv("DJL_CACHE_DIR");
    String property = System.getProperty("DJL_CACHE_DIR", cache);
    return property == null
        ? Path.of(System.getProperty("user.home"), ".djl.ai")
        : Path.of(property);
  }

  static Finding folder(String subject, Path folder) {
    Path existing = folder;
    while (existing != null && !Files.exists(existing)) {
      existing = existing.getParent();
    }
    if (existing == null || !Files.isDirectory(existing) || !Files.isWritable(existing)) {
      return Finding.fail(
          subject,
          folder + " cannot be written",
          subject.startsWith("Temp")
              ? "Set -Djava.io.tmpdir to a folder that can"
              : "Set DJL_CACHE_DIR to a folder that can");
    }
    try {
      FileStore store = Files.getFileStore(existing);
      String found = folder + ", " + gib(store.getUsableSpace()) + " free";
      return store.getUsableSpace() < FREE_SPACE
          ? Finding.warn(subject, found, "Free " + gib(FREE_SPACE) + " for native libraries")
          : Finding.ok(subject, found);
    } catch (IOException e) {
      return Finding.warn(subject, folder + ", free space unknown", "Check the disk");
    }
  }

  static String gib(long bytes) {
    return String.format(Locale.ROOT, "%.1f GiB", bytes / (double) GIB);
  }
}
