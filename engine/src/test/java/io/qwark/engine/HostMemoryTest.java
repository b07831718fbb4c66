package io.qwark.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A machine of 16 GiB, of which 10 GiB are available; files as in proc(5) and cgroups(7). */
class HostMemoryTest {
  private static final long GIB = 1L << 30;

  @TempDir Path root;

  @BeforeEach
  void machine() throws IOException {
    write(
        "proc/meminfo",
        "MemTotal:       16777216 kB\nMemFree: 1 kB\nMemAvailable:   10485760 kB\n");
  }

  private void write(String file, String text) throws IOException {
    Path path = root.resolve(file);
    Files.createDirectories(path.getParent());
    Files.writeString(path, text);
  }

  private void group(String folder, String max, long current, long inactiveFile)
      throws IOException {
    write("sys/fs/cgroup/" + folder + "/memory.max", max + "\n");
    write("sys/fs/cgroup/" + folder + "/memory.current", current + "\n");
    write(
        "sys/fs/cgroup/" + folder + "/memory.stat",
        "anon 77\nfile 99\ninactive_file " + inactiveFile + "\n");
  }

  @Test
  void aMachineWithoutGroupsHasWhatTheKernelSaysIsAvailable() {
    assertEquals(new HostMemory(16 * GIB, 10 * GIB), HostMemory.look(root));
  }

  @Test
  void aContainersLimitCountsAndItsCachedFilesAreFree() throws IOException {
    write("proc/self/cgroup", "0::/\n");
    group("", "" + 8 * GIB, 5 * GIB, 2 * GIB);
    assertEquals(new HostMemory(8 * GIB, 5 * GIB), HostMemory.look(root));
  }

  @Test
  void theTightestOfAGroupsAncestorsCounts() throws IOException {
    write("proc/self/cgroup", "0::/batch/job_1/task\n");
    group("batch/job_1/task", "max", GIB, 0);
    group("batch/job_1", "" + 6 * GIB, 2 * GIB, 0);
    group("batch", "" + 12 * GIB, 11 * GIB, 0);
    assertEquals(new HostMemory(6 * GIB, GIB), HostMemory.look(root));
  }

  @Test
  void aLimitAboveTheMachinesMemoryIsNone() throws IOException {
    write("proc/self/cgroup", "0::/big\n");
    group("big", "" + 64 * GIB, 5 * GIB, 0);
    assertEquals(new HostMemory(16 * GIB, 10 * GIB), HostMemory.look(root));
  }

  @Test
  void theFirstVersionOfControlGroupsCountsToo() throws IOException {
    write("proc/self/cgroup", "9:cpuset:/docker/ab\n4:memory:/docker/ab\n0::/\n");
    // As seen in the container: the group is mounted as the root.
    write("sys/fs/cgroup/memory/memory.limit_in_bytes", 4 * GIB + "\n");
    write("sys/fs/cgroup/memory/memory.usage_in_bytes", 3 * GIB + "\n");
    write("sys/fs/cgroup/memory/memory.stat", "total_inactive_file " + GIB + "\n");
    assertEquals(new HostMemory(4 * GIB, 2 * GIB), HostMemory.look(root));
  }

  @Test
  void thisMachineHasSomeMemory() {
    HostMemory memory = HostMemory.look();
    assertTrue(memory.free() > 0 && memory.free() <= memory.total(), memory.toString());
  }
}
