// Failures: thrown in C++, seen in Java as DJL's EngineException.
#pragma once

#include <jni.h>

#include <stdexcept>
#include <string>

namespace qwark::binding {

// A call that cannot be served, with a message for whoever made it.
struct Refusal : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// Java code that was called has thrown: its exception is the one to pass on.
struct PendingInJava {};

inline void require(bool condition, const std::string& message) {
  if (!condition) throw Refusal(message);
}

inline void pass_on_exceptions(JNIEnv* env) {
  if (env->ExceptionCheck()) throw PendingInJava();
}

// Within a catch block: makes the exception that was caught pending in Java.
void throw_in_java(JNIEnv* env) noexcept;

}  // namespace qwark::binding
