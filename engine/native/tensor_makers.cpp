// Tensors made for Java.
#include <ATen/ops/empty.h>
#include <ATen/ops/from_blob.h>
#include <ATen/ops/zeros.h>

#include "arrays.h"
#include "handles.h"
#include "native_method.h"
#include "types.h"

namespace qwark::binding {
namespace {

at::TensorOptions options(
    JNIEnv* env, jint type, jint layout, jintArray target, jboolean requires_grad) {
  require_dense(layout);
  require(!requires_grad, "this binding of libtorch has no gradients");
  return at::TensorOptions().dtype(scalar_type(type)).device(device(env, target));
}

jlong empty(
    JNIEnv* env, jlongArray shape, jint type, jint layout, jintArray target, jboolean requires_grad) {
  return hand_over(
      at::empty(from_java(env, shape), options(env, type, layout, target, requires_grad)));
}

jlong zeros(
    JNIEnv* env, jlongArray shape, jint type, jint layout, jintArray target, jboolean requires_grad) {
  return hand_over(
      at::zeros(from_java(env, shape), options(env, type, layout, target, requires_grad)));
}

// Bytes of a shape; throws where its sizes are none.
int64_t bytes(const std::vector<int64_t>& shape, int64_t bytes_per_number) {
  int64_t product = bytes_per_number;
  for (int64_t size : shape) {
    require(size >= 0, "a size is negative");
    require(!__builtin_mul_overflow(product, size, &product), "a shape is too large");
  }
  return product;
}

// On the CPU the tensor lies in the buffer, which Java keeps as long as the tensor; a card gets a copy.
jlong from_buffer(
    JNIEnv* env, jbuffer buffer, jlongArray shape, jint type, jint layout, jintArray target,
    jboolean requires_grad) {
  at::TensorOptions wanted = options(env, type, layout, target, requires_grad);
  auto sizes = from_java(env, shape);
  void* start = buffer == nullptr ? nullptr : env->GetDirectBufferAddress(buffer);
  require(start != nullptr, "a buffer is not direct");
  int64_t needed = bytes(sizes, static_cast<int64_t>(wanted.dtype().itemsize()));
  int64_t capacity = env->GetDirectBufferCapacity(buffer);
  require(
      capacity >= needed, "a buffer of " + std::to_string(capacity) + " bytes is too small for a tensor of " +
                              std::to_string(needed));
  at::Tensor tensor = at::from_blob(start, sizes, wanted.device(c10::kCPU));
  return hand_over(wanted.device().is_cpu() ? tensor : tensor.to(wanted.device()));
}

}  // namespace

NativeMethods tensor_maker_methods() {
  return {
      native<empty>("torchEmpty"),
      native<zeros>("torchZeros"),
      native<from_buffer>("torchFromBlob"),
  };
}

}  // namespace qwark::binding
