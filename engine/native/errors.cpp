#include "errors.h"

#include <c10/util/Exception.h>

#include <new>

#include "strings.h"

namespace qwark::binding {
namespace {

void throw_engine_exception(JNIEnv* env, const char* message) noexcept {
  jclass type = env->FindClass("ai/djl/engine/EngineException");
  if (type == nullptr) return;  // NoClassDefFoundError is pending
  jmethodID constructor = env->GetMethodID(type, "<init>", "(Ljava/lang/String;)V");
  if (constructor == nullptr) return;
  try {
    // Not ThrowNew: a message is UTF-8, and may quote anything.
    jstring text = to_java(env, message);
    jobject exception = env->NewObject(type, constructor, text);
    if (exception != nullptr) env->Throw(static_cast<jthrowable>(exception));
  } catch (...) {
    if (!env->ExceptionCheck()) env->ThrowNew(type, "out of memory for a message");
  }
}

}  // namespace

void throw_in_java(JNIEnv* env) noexcept {
  try {
    throw;
  } catch (const PendingInJava&) {
  } catch (const c10::Error& e) {
    throw_engine_exception(env, e.what_without_backtrace());
  } catch (const std::bad_alloc&) {
    throw_engine_exception(env, "out of memory on the host");
  } catch (const std::exception& e) {
    throw_engine_exception(env, e.what());
  } catch (...) {
    throw_engine_exception(env, "an exception of an unknown type");
  }
}

}  // namespace qwark::binding
