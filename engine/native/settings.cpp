// Settings of libtorch in this process or thread.
#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <c10/core/GradMode.h>
#include <torch/csrc/jit/runtime/graph_executor.h>

#include "device_memory.h"
#include "native_method.h"
#include "strings.h"

namespace qwark::binding {
namespace {

jboolean is_grad_mode(JNIEnv*) { return c10::GradMode::is_enabled(); }

void set_grad_mode(JNIEnv*, jboolean enabled) { c10::GradMode::set_enabled(enabled); }

jint num_interop_threads(JNIEnv*) { return at::get_num_interop_threads(); }

jint num_threads(JNIEnv*) { return at::get_num_threads(); }

void set_num_interop_threads(JNIEnv*, jint threads) { at::set_num_interop_threads(threads); }

void set_num_threads(JNIEnv*, jint threads) { at::set_num_threads(threads); }

void set_graph_executor_optimize(JNIEnv*, jboolean enabled) {
  torch::jit::setGraphExecutorOptimize(enabled);
}

void show_config(JNIEnv* env, jset features) {
  require(features != nullptr, "a set is null");
  jmethodID add = env->GetMethodID(env->GetObjectClass(features), "add", "(Ljava/lang/Object;)Z");
  pass_on_exceptions(env);
  auto add_if = [&](bool present, const char* name) {
    if (!present) return;
    env->CallBooleanMethod(features, add, to_java(env, name));
    pass_on_exceptions(env);
  };
  bool cuda = at::hasCUDA();
  add_if(cuda, "CUDA");
  add_if(cuda && at::Context::hasCuDNN(), "CUDNN");
  add_if(at::hasMKL(), "MKL");
  add_if(at::hasMKLDNN(), "MKLDNN");
  add_if(at::hasOpenMP(), "OPENMP");
}

void cuda_empty_cache(JNIEnv*) { empty_cuda_cache(); }

}  // namespace

NativeMethods setting_methods() {
  return {
      native<is_grad_mode>("torchIsGradMode"),
      native<set_grad_mode>("torchSetGradMode"),
      native<num_interop_threads>("torchGetNumInteropThreads"),
      native<num_threads>("torchGetNumThreads"),
      native<set_num_interop_threads>("torchSetNumInteropThreads"),
      native<set_num_threads>("torchSetNumThreads"),
      native<set_graph_executor_optimize>("setGraphExecutorOptimize"),
      native<show_config>("torchShowConfig"),
      native<cuda_empty_cache>("torchCudaEmptyCache"),
  };
}

}  // namespace qwark::binding
