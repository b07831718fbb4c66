// The library as the JVM loads it: names the PyTorch it was built for and registers its methods with DJL.
#include <jni.h>

#include "native_method.h"

// Read from the file, before anything is loaded, by io.qwark.engine.torch.BindingMark.
extern "C" __attribute__((visibility("default"), used)) const char qwark_binding[] =
    "<qwark-binding torch=" QWARK_TORCH_VERSION " djl=" QWARK_DJL_VERSION ">";

// RegisterNatives checks every name and signature against the DJL that is there; methods of DJL that are not
// in the list stay without an implementation, and Java throws UnsatisfiedLinkError where one is called.
extern "C" JNIEXPORT jint JNICALL JNI_OnLoad(JavaVM* vm, void*) {
  JNIEnv* env;
  if (vm->GetEnv(reinterpret_cast<void**>(&env), JNI_VERSION_1_8) != JNI_OK) return JNI_ERR;
  jclass library = env->FindClass("ai/djl/pytorch/jni/PyTorchLibrary");
  if (library == nullptr) return JNI_ERR;
  using namespace qwark::binding;
  for (const NativeMethods& methods :
       {setting_methods(), tensor_methods(), tensor_maker_methods(), index_methods(),
        value_maker_methods(), value_reader_methods(), module_methods()}) {
    for (const NativeMethod& method : methods) {
      JNINativeMethod entry{
          const_cast<char*>(method.name), const_cast<char*>(method.signature.c_str()), method.function};
      if (env->RegisterNatives(library, &entry, 1) != JNI_OK) return JNI_ERR;
    }
  }
  return JNI_VERSION_1_8;
}
