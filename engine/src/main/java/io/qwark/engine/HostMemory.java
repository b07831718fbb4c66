package io.qwark.engine;

import io.qwark.engine.api.Placement;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * The memory of this machine or, where that is less, of the container or control group that the
 * process runs in, in bytes. Pages that only cache files count as free.
 *
 * @param total that the process and its neighbours in the container may use together
 * @param free that nobody uses yet
 */
public record HostMemory(long total, long free) {

  /** Bytes that a replica and its neighbours in the process may take. */
  public long mayTake(Placement placement) {
    return Math.min(free, (long) (total * placement.share()));
  }

  public static HostMemory look() {
    return look(Path.of("/"));
  }

  /**
   * @param root below which /proc and /sys are looked for
   */
  static HostMemory look(Path root) {
    long heap = Runtime.getRuntime().maxMemory();
    Path meminfo = root.resolve("proc/meminfo");
    HostMemory memory =
        new HostMemory(
            after(meminfo, "MemTotal:", heap >> 10) << 10,
            after(meminfo, "MemAvailable:", heap >> 10) << 10);
    for (Group group : groups(root)) {
      memory = memory.within(group);
    }
    return memory;
  }

  /** A group's limit binds all below it, so each of its ancestors counts. */
  private HostMemory within(Group group) {
    long limit = number(group.folder().resolve(group.limit()), Long.MAX_VALUE);
    if (limit == Long.MAX_VALUE) {
      return this;
    }
    long used = number(group.folder().resolve(group.usage()), 0);
    long cached = after(group.folder().resolve("memory.stat"), group.cached(), 0);
    return new HostMemory(
        Math.min(total, limit), Math.min(free, Math.max(0, limit - used + cached)));
  }

  /** A control group, and what its files are called in this version of control groups. */
  private record Group(Path folder, String limit, String usage, String cached) {}

  private static List<Group> groups(Path root) {
    List<Group> groups = new ArrayList<>();
    // hierarchy-ID:controllers:path, where controllers are empty in version 2; see cgroups(7).
    for (String line : lines(root.resolve("proc/self/cgroup"))) {
      String[] parts = line.split(":", 3);
      if (parts.length < 3) {
        continue;
      }
      boolean isSecond = parts[1].isEmpty();
      boolean isMemory = List.of(parts[1].split(",")).contains("memory");
      if (!isSecond && !isMemory) {
        continue;
      }
      Path mount = root.resolve(isSecond ? "sys/fs/cgroup" : "sys/fs/cgroup/memory");
      Path folder = mount.resolve(parts[2].substring(1)).normalize();
      for (Path at = folder; at != null && at.startsWith(mount); at = at.getParent()) {
        groups.add(
            isSecond
                ? new Group(at, "memory.max", "memory.current", "inactive_file")
                : new Group(
                    at, "memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file"));
      }
    }
    return groups;
  }

  /** A file's only number, or what holds where there is none: no file, or the word max. */
  private static long number(Path file, long otherwise) {
    List<String> lines = lines(file);
    return lines.isEmpty() || !lines.get(0).matches("\\d{1,18}")
        ? otherwise
        : Long.parseLong(lines.get(0));
  }

  /** The number behind a word that begins a line. */
  private static long after(Path file, String word, long otherwise) {
    return lines(file).stream()
        .map(line -> line.split("\\s+"))
        .filter(words -> words.length > 1 && words[0].equals(word))
        .mapToLong(words -> Long.parseLong(words[1]))
        .findFirst()
        .orElse(otherwise);
  }

  private static List<String> lines(Path file) {
    try (Stream<String> lines = Files.lines(file)) {
      return lines.map(String::strip).toList();
    } catch (IOException e) {
      // Not this system, or not this version of control groups.
      return List.of();
    }
  }
}
