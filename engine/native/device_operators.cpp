// Operators that tell a program about its card, as `ops.qwark_device.*`. Only this binding has them.
#include <c10/core/DeviceGuard.h>
#include <torch/library.h>

#include <string>
#include <vector>

#include "device_memory.h"
#include "errors.h"

namespace qwark::binding {
namespace {

std::vector<int64_t> memory(const std::string& device) { return device_memory(c10::Device(device)); }

// Waits until the card has done what it was given.
void synchronize(const std::string& name) {
  c10::Device device(name);
  if (device.is_cpu()) return;
  c10::impl::VirtualGuardImpl guard(device.type());
  guard.synchronizeStream(guard.getStream(device));
}

TORCH_LIBRARY(qwark_device, library) {
  library.def("memory(str device) -> int[]", &memory);
  library.def("synchronize(str device) -> ()", &synchronize);
}

}  // namespace
}  // namespace qwark::binding
