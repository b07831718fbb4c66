// Sharing work among threads.
#pragma once

#include <cstdint>

namespace qwark {

// Threads that the calling thread's operators use from now on, itself included.
void set_threads(int threads);

int threads();

// Calls work(context, part) for all parts, each once, on the threads; returns when all are done. What a
// part computes must not depend on who computes it.
void run_parts(void (*work)(void* context, int64_t part), void* context, int64_t parts);

template <typename F>
void parallel(int64_t parts, F&& body) {
  run_parts([](void* context, int64_t part) { (*static_cast<F*>(context))(part); }, &body, parts);
}

// A number of parts that lets threads take turns, for n things of which a thread takes a run at a time.
inline int64_t parts_for(int64_t n) {
  int64_t parts = 8 * static_cast<int64_t>(threads());
  return n < parts ? n : parts;
}

}  // namespace qwark
