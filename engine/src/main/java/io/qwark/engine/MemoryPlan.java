package io.qwark.engine;

import io.qwark.engine.api.Placement;

/**
 * How the memory of a replica's device is shared out, in bytes.
 *
 * @param memory that the replica may take
 * @param cacheBytes that an unsized KV cache may have of it
 * @param remedy what gives the cache more, as the end of a sentence
 */
record MemoryPlan(long memory, long cacheBytes, String remedy) {
  /** On the CPU others want memory, too: Spark, the heap, a step's tensors. */
  static final double CPU_CACHE_SHARE = 0.4;

  static MemoryPlan onCpu(HostMemory host, Placement placement, Footprint footprint) {
    long memory = host.mayTake(placement);
    return new MemoryPlan(
        memory,
        Math.max(0, (long) ((memory - footprint.weightBytes()) * CPU_CACHE_SHARE)),
        "give the executor more memory");
  }
}
