// DJL's numbers for types of elements, layouts and devices.
#pragma once

#include <c10/core/Device.h>
#include <c10/core/ScalarType.h>
#include <jni.h>

namespace qwark::binding {

// From ai.djl.ndarray.types.DataType's ordinal. Refused where libtorch has no such type.
c10::ScalarType scalar_type(jint data_type);

// UNKNOWN where DJL has no name for it, as for float8.
jint data_type(c10::ScalarType type);

constexpr jint kDense = 0;

void require_dense(jint layout);

// From {type, index}. Refused where this libtorch does not see such a device.
c10::Device device(JNIEnv* env, jintArray pair);

}  // namespace qwark::binding
