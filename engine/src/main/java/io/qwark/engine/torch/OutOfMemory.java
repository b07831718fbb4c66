package io.qwark.engine.torch;

import java.util.List;

/**
 * Tells from libtorch's words that memory ran out: its exceptions come through TorchScript and JNI
 * as text.
 */
final class OutOfMemory {
  private static final List<String> WORDS =
      List.of(
          // CUDACachingAllocator.cpp
          "CUDA out of memory.",
          "CUDA ran out of memory outside PyTorch's allocator",
          // CUDAException.cpp with cudaErrorMemoryAllocation, and the driver's calls likewise
          "CUDA error: out of memory",
          "CUDA driver error: out of memory",
          // CUDABlas.cpp: the library's own memory
          "CUBLAS_STATUS_ALLOC_FAILED",
          // alloc_cpu.cpp
          "DefaultCPUAllocator: can't allocate memory",
          "DefaultCPUAllocator: not enough memory");

  private OutOfMemory() {}

  static boolean is(String message) {
    return message != null && WORDS.stream().anyMatch(message::contains);
  }
}
