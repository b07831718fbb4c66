// From a C++ function to a native method of DJL's PyTorchLibrary: the Java signature follows from the
// function's types, and what it throws becomes a Java exception.
#pragma once

#include <jni.h>

#include <string>
#include <type_traits>
#include <vector>

#include "errors.h"

// Java types that jni.h knows only as objects.
struct _jbuffer : public _jobject {};
struct _jinput : public _jobject {};
struct _jset : public _jobject {};
using jbuffer = _jbuffer*;
using jinput = _jinput*;
using jset = _jset*;

namespace qwark::binding {

template <typename T>
constexpr const char* java_type() {
  if constexpr (std::is_same_v<T, void>) return "V";
  if constexpr (std::is_same_v<T, jboolean>) return "Z";
  if constexpr (std::is_same_v<T, jint>) return "I";
  if constexpr (std::is_same_v<T, jlong>) return "J";
  if constexpr (std::is_same_v<T, jdouble>) return "D";
  if constexpr (std::is_same_v<T, jbyteArray>) return "[B";
  if constexpr (std::is_same_v<T, jintArray>) return "[I";
  if constexpr (std::is_same_v<T, jlongArray>) return "[J";
  if constexpr (std::is_same_v<T, jdoubleArray>) return "[D";
  if constexpr (std::is_same_v<T, jstring>) return "Ljava/lang/String;";
  if constexpr (std::is_same_v<T, jbuffer>) return "Ljava/nio/ByteBuffer;";
  if constexpr (std::is_same_v<T, jinput>) return "Ljava/io/InputStream;";
  if constexpr (std::is_same_v<T, jset>) return "Ljava/util/Set;";
}

struct NativeMethod {
  const char* name;
  std::string signature;
  void* function;
};

template <auto function>
struct Native;

template <typename R, typename... A, R (*function)(JNIEnv*, A...)>
struct Native<function> {
  static R JNICALL call(JNIEnv* env, jobject, A... arguments) {
    try {
      return function(env, arguments...);
    } catch (...) {
      throw_in_java(env);
    }
    return R();
  }

  static NativeMethod named(const char* name) {
    std::string signature = "(";
    ((signature += java_type<A>()), ...);
    return {name, signature + ")" + java_type<R>(), reinterpret_cast<void*>(&call)};
  }
};

template <auto function>
NativeMethod native(const char* name) {
  return Native<function>::named(name);
}

// The methods that this library implements, by subject.
using NativeMethods = std::vector<NativeMethod>;
NativeMethods setting_methods();
NativeMethods tensor_methods();
NativeMethods tensor_maker_methods();
NativeMethods index_methods();
NativeMethods value_maker_methods();
NativeMethods value_reader_methods();
NativeMethods module_methods();

}  // namespace qwark::binding
