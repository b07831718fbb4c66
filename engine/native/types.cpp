#include "types.h"

#include <ATen/Context.h>
#include <c10/core/DeviceGuard.h>

#include <string>
#include <utility>

#include "errors.h"

namespace qwark::binding {
namespace {

using c10::ScalarType;

// The order of ai.djl.ndarray.types.DataType in DJL 0.35.
constexpr std::pair<jint, ScalarType> kTypes[] = {
    {0, ScalarType::Float},      {1, ScalarType::Double},   {2, ScalarType::Half},
    {3, ScalarType::Byte},       {4, ScalarType::Int},      {5, ScalarType::Char},
    {6, ScalarType::Long},       {7, ScalarType::Bool},     {8, ScalarType::ComplexFloat},
    {11, ScalarType::BFloat16},  {12, ScalarType::UInt64},  {13, ScalarType::UInt32},
    {14, ScalarType::UInt16},    {15, ScalarType::Short},
};

constexpr jint kUnknown = 9;

}  // namespace

ScalarType scalar_type(jint data_type) {
  for (const auto& [number, type] : kTypes) {
    if (number == data_type) return type;
  }
  throw Refusal("libtorch has no type for DJL's DataType number " + std::to_string(data_type));
}

jint data_type(ScalarType type) {
  for (const auto& [number, known] : kTypes) {
    if (known == type) return number;
  }
  return kUnknown;
}

void require_dense(jint layout) {
  require(layout == kDense, "this binding of libtorch makes dense tensors only");
}

c10::Device device(JNIEnv* env, jintArray pair) {
  require(pair != nullptr && env->GetArrayLength(pair) == 2, "a device is {type, index}");
  jint numbers[2];
  env->GetIntArrayRegion(pair, 0, 2, numbers);
  pass_on_exceptions(env);
  if (numbers[0] == static_cast<jint>(c10::DeviceType::CPU)) return c10::Device(c10::kCPU);
  require(
      numbers[0] == static_cast<jint>(c10::DeviceType::CUDA),
      "this binding of libtorch knows cpu and cuda only");
  std::string name = "cuda:" + std::to_string(numbers[1]);
  require(
      at::hasCUDA(),
      name + " cannot be used: libtorch (" QWARK_TORCH_VERSION
             ") is built without CUDA, or sees no driver or no card");
  // Through libtorch's registry of devices, so that no header of CUDA is needed.
  int cards = c10::impl::VirtualGuardImpl(c10::kCUDA).deviceCount();
  require(
      numbers[1] >= 0 && numbers[1] < cards,
      name + " does not exist: libtorch sees " + std::to_string(cards) + " card(s)");
  return c10::Device(c10::kCUDA, static_cast<c10::DeviceIndex>(numbers[1]));
}

}  // namespace qwark::binding
