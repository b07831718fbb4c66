// TorchScript programs: loading and running them.
#include <c10/core/DeviceGuard.h>
#include <c10/core/InferenceMode.h>
#include <torch/csrc/jit/api/module.h>
#include <torch/csrc/jit/serialization/import.h>

#include <sstream>
#include <string>

#include "arrays.h"
#include "handles.h"
#include "native_method.h"
#include "strings.h"
#include "types.h"

namespace qwark::binding {
namespace {

struct Program {
  torch::jit::Module module;
  c10::Device device;
};

// All that a stream has, through a buffer of Java's; size: how much that is, -1 if only its end tells.
std::string read_all(JNIEnv* env, jinput stream, jbyteArray buffer, jlong size) {
  require(stream != nullptr && buffer != nullptr, "a stream or its buffer is null");
  jmethodID read = env->GetMethodID(env->GetObjectClass(stream), "read", "([BII)I");
  pass_on_exceptions(env);
  jint room = env->GetArrayLength(buffer);
  require(room > 0, "a stream's buffer is empty");
  std::string all;
  while (size < 0 || static_cast<jlong>(all.size()) < size) {
    jint wanted = room;
    if (size >= 0 && size - static_cast<jlong>(all.size()) < room) {
      wanted = static_cast<jint>(size - static_cast<jlong>(all.size()));
    }
    jint count = env->CallIntMethod(stream, read, buffer, 0, wanted);
    pass_on_exceptions(env);
    require(count <= wanted, "a stream reads more than it was asked for");
    if (count < 0) {
      require(size < 0, "a program ends after " + std::to_string(all.size()) + " bytes");
      break;
    }
    size_t start = all.size();
    all.resize(start + count);
    env->GetByteArrayRegion(buffer, 0, count, reinterpret_cast<jbyte*>(all.data() + start));
    pass_on_exceptions(env);
  }
  return all;
}

jlong load(
    JNIEnv* env, jinput stream, jintArray target, jboolean map_location, jbyteArray buffer, jlong size) {
  c10::Device place = device(env, target);
  std::istringstream in(read_all(env, stream, buffer, size));
  c10::OptionalDeviceGuard guard;
  if (!place.is_cpu()) guard.reset_device(place);
  if (map_location) return hand_over(Program{torch::jit::load(in, place), place});
  torch::jit::Module module = torch::jit::load(in);
  module.to(place);
  return hand_over(Program{std::move(module), place});
}

// On the program's device: operators that are not told one must not wake the first card.
jlong run(
    JNIEnv* env, jlong handle, jstring method, jlongArray arguments, jboolean train, jboolean own_stream) {
  require(!train, "this binding of libtorch does not train");
  require(!own_stream, "this binding of libtorch runs programs on one stream");
  Program& program = held<Program>(handle);
  std::vector<c10::IValue> stack;
  for (int64_t argument : from_java(env, arguments)) stack.push_back(held<c10::IValue>(argument));
  c10::OptionalDeviceGuard guard;
  if (!program.device.is_cpu()) guard.reset_device(program.device);
  c10::InferenceMode inference;
  return hand_over(program.module.get_method(from_java(env, method))(std::move(stack)));
}

}  // namespace

NativeMethods module_methods() {
  return {
      native<load>("moduleLoad"),
      native<run>("moduleRunMethod"),
      native<release<Program>>("torchDeleteModule"),
  };
}

}  // namespace qwark::binding
