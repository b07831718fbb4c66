// Results of programs: Java's values out of IValues.
#include <ATen/core/Tensor.h>
#include <ATen/core/ivalue.h>

#include "arrays.h"
#include "handles.h"
#include "native_method.h"
#include "strings.h"

namespace qwark::binding {
namespace {

using c10::IValue;

// An IValue that is what Java takes it for: libtorch itself checks some of these in debug builds only.
const IValue& checked(jlong handle, bool (IValue::*is)() const, const char* expected) {
  const IValue& value = held<IValue>(handle);
  require((value.*is)(), "a value is of type " + value.tagKind() + ", not " + expected);
  return value;
}

jlong to_tensor(JNIEnv*, jlong handle) {
  return hand_over(checked(handle, &IValue::isTensor, "Tensor").toTensor());
}

jboolean to_bool(JNIEnv*, jlong handle) { return checked(handle, &IValue::isBool, "Bool").toBool(); }

jlong to_long(JNIEnv*, jlong handle) { return checked(handle, &IValue::isInt, "Int").toInt(); }

jdouble to_double(JNIEnv*, jlong handle) {
  return checked(handle, &IValue::isDouble, "Double").toDouble();
}

jstring to_string(JNIEnv* env, jlong handle) {
  return to_java(env, checked(handle, &IValue::isString, "String").toStringRef());
}

jlongArray to_longs(JNIEnv* env, jlong handle) {
  auto values = checked(handle, &IValue::isIntList, "IntList").toIntVector();
  return filled(env, new_longs(env, values.size()), values.data(), values.size());
}

jdoubleArray to_doubles(JNIEnv* env, jlong handle) {
  auto values = checked(handle, &IValue::isDoubleList, "DoubleList").toDoubleVector();
  auto size = static_cast<jsize>(values.size());
  jdoubleArray array = env->NewDoubleArray(size);
  pass_on_exceptions(env);
  env->SetDoubleArrayRegion(array, 0, size, values.data());
  return array;
}

// Handles of copies of values, each of which Java owns.
template <typename T, typename Values>
jlongArray handles(JNIEnv* env, const Values& values) {
  jlongArray array = new_longs(env, values.size());
  std::vector<int64_t> handles;
  handles.reserve(values.size());
  for (const T& value : values) handles.push_back(hand_over<T>(value));
  return filled(env, array, handles.data(), handles.size());
}

jlongArray to_tensors(JNIEnv* env, jlong handle) {
  return handles<at::Tensor>(
      env, checked(handle, &IValue::isTensorList, "TensorList").toTensorVector());
}

jlongArray to_tuple(JNIEnv* env, jlong handle) {
  auto tuple = checked(handle, &IValue::isTuple, "Tuple").toTuple();
  return handles<IValue>(env, tuple->elements().vec());
}

}  // namespace

NativeMethods value_reader_methods() {
  return {
      native<to_tensor>("iValueToTensor"),       native<to_bool>("iValueToBool"),
      native<to_long>("iValueToLong"),           native<to_double>("iValueToDouble"),
      native<to_string>("iValueToString"),       native<to_longs>("iValueToLongList"),
      native<to_doubles>("iValueToDoubleList"),  native<to_tensors>("iValueToTensorList"),
      native<to_tuple>("iValueToIValueTuple"),
  };
}

}  // namespace qwark::binding
