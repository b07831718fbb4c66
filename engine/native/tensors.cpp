// Tensors that Java holds: what they are, views of them, and their numbers.
#include <ATen/core/Tensor.h>

#include "arrays.h"
#include "handles.h"
#include "native_method.h"
#include "types.h"

namespace qwark::binding {
namespace {

using at::Tensor;

// Java's buffers and arrays count with an int.
constexpr size_t kMaxBytes = 0x7fffffff;

jlongArray sizes(JNIEnv* env, jlong handle) {
  at::IntArrayRef sizes = held<Tensor>(handle).sizes();
  return filled(env, new_longs(env, sizes.size()), sizes.data(), sizes.size());
}

jint data_type_of(JNIEnv*, jlong handle) { return data_type(held<Tensor>(handle).scalar_type()); }

jintArray device_of(JNIEnv* env, jlong handle) {
  c10::Device device = held<Tensor>(handle).device();
  jint pair[] = {static_cast<jint>(device.type()), device.index()};
  jintArray array = env->NewIntArray(2);
  pass_on_exceptions(env);
  env->SetIntArrayRegion(array, 0, 2, pair);
  return array;
}

jint layout(JNIEnv*, jlong handle) {
  require(
      held<Tensor>(handle).layout() == c10::kStrided, "this binding of libtorch reads dense tensors only");
  return kDense;
}

jboolean is_contiguous(JNIEnv*, jlong handle) { return held<Tensor>(handle).is_contiguous(); }

jlong to_contiguous(JNIEnv*, jlong handle) { return hand_over(held<Tensor>(handle).contiguous()); }

// Always a copy, as DJL expects of it.
jlong to(JNIEnv* env, jlong handle, jint type, jintArray target) {
  return hand_over(held<Tensor>(handle).to(
      device(env, target), scalar_type(type), /*non_blocking=*/false, /*copy=*/true));
}

jlong reshape(JNIEnv* env, jlong handle, jlongArray shape) {
  return hand_over(held<Tensor>(handle).reshape(from_java(env, shape)));
}

// Checks that Java may read the numbers where they lie.
const Tensor& readable(jlong handle) {
  const Tensor& tensor = held<Tensor>(handle);
  require(tensor.device().is_cpu(), "a tensor on " + tensor.device().str() + " has to be copied to cpu first");
  require(tensor.layout() == c10::kStrided, "this binding of libtorch reads dense tensors only");
  require(tensor.nbytes() <= kMaxBytes, "a tensor of 2 GiB or more does not fit Java's buffers");
  return tensor;
}

jbyteArray bytes(JNIEnv* env, jlong handle) {
  Tensor tensor = readable(handle).contiguous();
  auto size = static_cast<jsize>(tensor.nbytes());
  jbyteArray array = env->NewByteArray(size);
  pass_on_exceptions(env);
  env->SetByteArrayRegion(array, 0, size, static_cast<const jbyte*>(tensor.const_data_ptr()));
  return array;
}

// The tensor's own memory, which Java may read as long as it holds the tensor.
jbuffer direct_buffer(JNIEnv* env, jlong handle) {
  const Tensor& tensor = readable(handle);
  require(tensor.is_contiguous(), "a tensor has to be contiguous to be read where it lies");
  static char none;
  void* start = tensor.nbytes() == 0 ? &none : tensor.data_ptr();
  return static_cast<jbuffer>(env->NewDirectByteBuffer(start, static_cast<jlong>(tensor.nbytes())));
}

}  // namespace

NativeMethods tensor_methods() {
  return {
      native<sizes>("torchSizes"),
      native<data_type_of>("torchDType"),
      native<device_of>("torchDevice"),
      native<layout>("torchLayout"),
      native<is_contiguous>("torchIsContiguous"),
      native<to_contiguous>("torchToContiguous"),
      native<to>("torchTo"),
      native<reshape>("torchReshape"),
      native<bytes>("torchDataPtr"),
      native<direct_buffer>("torchDirectByteBuffer"),
      native<release<Tensor>>("torchDeleteTensor"),
  };
}

}  // namespace qwark::binding
