#include "device_memory.h"

#include <ATen/Context.h>

#include "errors.h"

#if __has_include(<torch/headeronly/version.h>)
#include <torch/headeronly/version.h>
#else
#include <torch/version.h>
#endif

#define QWARK_DEVICE_ALLOCATOR (TORCH_VERSION_MAJOR > 2 || TORCH_VERSION_MINOR >= 10)

#if QWARK_DEVICE_ALLOCATOR
#include <c10/core/CachingDeviceAllocator.h>
#endif

namespace qwark::binding {
namespace {

void require_interface() {
  require(
      QWARK_DEVICE_ALLOCATOR,
      "libtorch " QWARK_TORCH_VERSION
      " tells nothing about its memory on a card: that takes PyTorch 2.10 or newer");
}

}  // namespace

std::vector<int64_t> device_memory(c10::Device device) {
  require(device.is_cuda(), device.str() + " is no card");
  require(at::hasCUDA(), "libtorch (" QWARK_TORCH_VERSION ") sees no card");
  require_interface();
#if QWARK_DEVICE_ALLOCATOR
  auto* allocator = c10::getDeviceAllocator(device.type());
  auto [free, total] = allocator->getMemoryInfo(device.index());
  int64_t taken = 0;
  int64_t in_tensors = 0;
  // Before its first tensor the allocator has no figures.
  if (allocator->initialized()) {
    auto stats = allocator->getDeviceStats(device.index());
    auto all = static_cast<size_t>(c10::CachingAllocator::StatType::AGGREGATE);
    taken = stats.reserved_bytes[all].current;
    in_tensors = stats.allocated_bytes[all].current;
  }
  return {static_cast<int64_t>(free), static_cast<int64_t>(total), taken, in_tensors};
#else
  return {};
#endif
}

void empty_cuda_cache() {
  if (!at::hasCUDA()) return;  // nothing is held
  require_interface();
#if QWARK_DEVICE_ALLOCATOR
  auto* allocator = c10::getDeviceAllocator(c10::kCUDA);
  if (allocator->initialized()) allocator->emptyCache();
#endif
}

}  // namespace qwark::binding
