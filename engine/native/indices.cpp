// DJL's way to take a part of a tensor: a list of indices, filled one by one, then applied.
#include <ATen/TensorIndexing.h>

#include <optional>
#include <vector>

#include "handles.h"
#include "native_method.h"

namespace qwark::binding {
namespace {

using Indices = std::vector<at::indexing::TensorIndex>;

jlong make(JNIEnv*, jint size) {
  Indices indices;
  indices.reserve(size < 0 ? 0 : size);
  return hand_over(std::move(indices));
}

void append_fixed(JNIEnv*, jlong handle, jlong position) {
  held<Indices>(handle).emplace_back(static_cast<int64_t>(position));
}

// absent: 2 if there is no first position, 1 if there is no end, or their sum.
void append_slice(JNIEnv*, jlong handle, jlong first, jlong end, jlong step, jint absent) {
  auto given = [&](jlong position, jint bit) {
    return (absent & bit) == 0 ? std::optional<c10::SymInt>(position) : std::nullopt;
  };
  held<Indices>(handle).emplace_back(
      at::indexing::Slice(given(first, 2), given(end, 1), c10::SymInt(step)));
}

jlong apply(JNIEnv*, jlong tensor, jlong handle) {
  return hand_over(held<at::Tensor>(tensor).index(held<Indices>(handle)));
}

}  // namespace

NativeMethods index_methods() {
  return {
      native<make>("torchIndexInit"),
      native<append_fixed>("torchIndexAppendFixed"),
      native<append_slice>("torchIndexAppendSlice"),
      native<apply>("torchIndexAdvGet"),
      native<release<Indices>>("torchDeleteIndex"),
  };
}

}  // namespace qwark::binding
