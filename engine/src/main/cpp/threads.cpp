#include "threads.h"

#include <immintrin.h>

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>

namespace qwark {
namespace {

// How often an idle thread looks for work before it goes to sleep: some tens of microseconds, more than
// lies between two operators of a step, so that threads are awake while a step runs and cost nothing
// when none does or when others need the processor.
constexpr int kSpins = 20'000;

constexpr int kMaxThreads = 256;

struct Job {
  void (*work)(void*, int64_t);
  void* context;
  std::atomic<int64_t> done;
};

// Number of the job (24 bits), its parts (20) and the next part to take (20) in one word, so that a
// thread that comes late can never take a part of another job.
constexpr int kPartBits = 20;
constexpr uint64_t kPartMask = (1u << kPartBits) - 1;

uint64_t ticket(uint64_t number, uint64_t parts) { return (number << 40) | (parts << kPartBits); }

class Pool {
 public:
  bool run(void (*work)(void*, int64_t), void* context, int64_t parts, int threads) {
    if (!owner_.try_lock()) return false;
    start(threads - 1);
    number_ = (number_ + 1) & 0xFFFFFF;
    Job& job = jobs_[number_ & 1];
    job.work = work;
    job.context = context;
    job.done.store(0, std::memory_order_relaxed);
    ticket_.store(ticket(number_, parts), std::memory_order_seq_cst);
    if (sleeping_.load(std::memory_order_seq_cst) > 0) {
      std::lock_guard<std::mutex> lock(mutex_);
      wake_.notify_all();
    }
    take();
    for (int spins = 0; job.done.load(std::memory_order_acquire) < parts; spins++) {
      if (spins < kSpins) {
        _mm_pause();
      } else {
        std::this_thread::yield();
      }
    }
    owner_.unlock();
    return true;
  }

 private:
  // Takes parts until there are none.
  void take() {
    while (true) {
      uint64_t seen = ticket_.load(std::memory_order_acquire);
      if (!available(seen)) return;
      if (!ticket_.compare_exchange_weak(seen, seen + 1, std::memory_order_acq_rel)) continue;
      Job& job = jobs_[(seen >> 40) & 1];
      job.work(job.context, static_cast<int64_t>(seen & kPartMask));
      job.done.fetch_add(1, std::memory_order_release);
    }
  }

  static bool available(uint64_t seen) {
    return (seen & kPartMask) < ((seen >> kPartBits) & kPartMask);
  }

  void start(int helpers) {
    for (; helpers_ < helpers && helpers_ < kMaxThreads; helpers_++) {
      std::thread([this] { help(); }).detach();
    }
  }

  void help() {
    while (true) {
      for (int spins = 0; spins < kSpins; spins++) {
        if (available(ticket_.load(std::memory_order_acquire))) {
          take();
          spins = 0;
        }
        _mm_pause();
      }
      std::unique_lock<std::mutex> lock(mutex_);
      sleeping_.fetch_add(1, std::memory_order_seq_cst);
      wake_.wait(lock, [this] { return available(ticket_.load(std::memory_order_seq_cst)); });
      sleeping_.fetch_sub(1, std::memory_order_seq_cst);
    }
  }

  std::mutex owner_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::atomic<int> sleeping_{0};
  std::atomic<uint64_t> ticket_{0};
  uint64_t number_ = 0;
  Job jobs_[2];
  int helpers_ = 0;
};

// Never destroyed: its threads may outlive everything else.
Pool& pool() {
  static Pool* pool = new Pool;
  return *pool;
}

thread_local int thread_count = 1;

}  // namespace

void set_threads(int threads) { thread_count = threads < 1 ? 1 : threads; }

int threads() { return thread_count; }

void run_parts(void (*work)(void*, int64_t), void* context, int64_t parts) {
  // While another engine of this process has the helpers, this one works alone.
  if (thread_count > 1 && parts > 1 && parts < static_cast<int64_t>(kPartMask) &&
      pool().run(work, context, parts, thread_count)) {
    return;
  }
  for (int64_t part = 0; part < parts; part++) work(context, part);
}

}  // namespace qwark
