// Objects that Java owns: it holds their address as a long and deletes them through it.
#pragma once

#include <jni.h>

#include <cstdint>
#include <utility>

#include "errors.h"

namespace qwark::binding {

template <typename T>
T& held(jlong handle) {
  require(handle != 0, "a handle is null");
  return *reinterpret_cast<T*>(static_cast<uintptr_t>(handle));
}

template <typename T>
jlong hand_over(T value) {
  return static_cast<jlong>(reinterpret_cast<uintptr_t>(new T(std::move(value))));
}

template <typename T>
void release(JNIEnv*, jlong handle) {
  delete &held<T>(handle);
}

}  // namespace qwark::binding
