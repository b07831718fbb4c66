// What libtorch's allocator of a card holds. PyTorch has an interface for it that needs no header of CUDA
// since 2.9; with an older one these calls are refused.
#pragma once

#include <c10/core/Device.h>

#include <cstdint>
#include <vector>

namespace qwark::binding {

// Bytes of a card: free as its driver says; all of it; taken by libtorch's allocator; of these, in tensors.
std::vector<int64_t> device_memory(c10::Device device);

// Gives back to the driver what no tensor uses, on all cards that the process has used.
void empty_cuda_cache();

}  // namespace qwark::binding
