// Arguments of programs: IValues out of Java's values.
#include <ATen/core/Tensor.h>
#include <ATen/core/ivalue.h>

#include "arrays.h"
#include "handles.h"
#include "native_method.h"
#include "strings.h"

namespace qwark::binding {
namespace {

using c10::IValue;

jlong of_tensor(JNIEnv*, jlong tensor) { return hand_over(IValue(held<at::Tensor>(tensor))); }

jlong of_bool(JNIEnv*, jboolean value) { return hand_over(IValue(static_cast<bool>(value))); }

jlong of_long(JNIEnv*, jlong value) { return hand_over(IValue(static_cast<int64_t>(value))); }

jlong of_double(JNIEnv*, jdouble value) { return hand_over(IValue(value)); }

jlong of_string(JNIEnv* env, jstring value) { return hand_over(IValue(from_java(env, value))); }

jlong of_longs(JNIEnv* env, jlongArray values) { return hand_over(IValue(from_java(env, values))); }

jlong of_doubles(JNIEnv* env, jdoubleArray values) { return hand_over(IValue(from_java(env, values))); }

jlong of_tensors(JNIEnv* env, jlongArray tensors) {
  c10::List<at::Tensor> list;
  for (int64_t tensor : from_java(env, tensors)) list.push_back(held<at::Tensor>(tensor));
  return hand_over(IValue(std::move(list)));
}

}  // namespace

NativeMethods value_maker_methods() {
  return {
      native<of_tensor>("iValueFromTensor"),   native<of_bool>("iValueFromBool"),
      native<of_long>("iValueFromLong"),       native<of_double>("iValueFromDouble"),
      native<of_string>("iValueFromString"),   native<of_longs>("iValueFromLongList"),
      native<of_doubles>("iValueFromDoubleList"), native<of_tensors>("iValueFromTensorList"),
      native<release<IValue>>("torchDeleteIValue"),
  };
}

}  // namespace qwark::binding
