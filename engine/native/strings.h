// Java's strings are UTF-16, libtorch's UTF-8. JNI's own conversions speak neither outside of the first plane.
#pragma once

#include <jni.h>

#include <string>

namespace qwark::binding {

std::string from_java(JNIEnv* env, jstring text);

// Bytes that are not UTF-8 become U+FFFD.
jstring to_java(JNIEnv* env, const std::string& text);

}  // namespace qwark::binding
