// Java's arrays of numbers, copied in and out.
#pragma once

#include <jni.h>

#include <cstdint>
#include <vector>

#include "errors.h"

namespace qwark::binding {

inline std::vector<int64_t> from_java(JNIEnv* env, jlongArray array) {
  require(array != nullptr, "an array is null");
  std::vector<int64_t> values(env->GetArrayLength(array));
  static_assert(sizeof(jlong) == sizeof(int64_t));
  env->GetLongArrayRegion(array, 0, values.size(), reinterpret_cast<jlong*>(values.data()));
  pass_on_exceptions(env);
  return values;
}

inline std::vector<double> from_java(JNIEnv* env, jdoubleArray array) {
  require(array != nullptr, "an array is null");
  std::vector<double> values(env->GetArrayLength(array));
  env->GetDoubleArrayRegion(array, 0, values.size(), values.data());
  pass_on_exceptions(env);
  return values;
}

// Allocated before what it is to hold, so that nothing is lost where Java has no memory for it.
inline jlongArray new_longs(JNIEnv* env, size_t size) {
  jlongArray array = env->NewLongArray(static_cast<jsize>(size));
  pass_on_exceptions(env);
  return array;
}

inline jlongArray filled(JNIEnv* env, jlongArray array, const int64_t* values, size_t size) {
  env->SetLongArrayRegion(
      array, 0, static_cast<jsize>(size), reinterpret_cast<const jlong*>(values));
  pass_on_exceptions(env);
  return array;
}

}  // namespace qwark::binding
