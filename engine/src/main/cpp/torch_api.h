// The part of libtorch's C interface that the operators need (torch/csrc/inductor/aoti_torch/c/shim.h,
// PyTorch 2.7). Declared here, since nothing else of PyTorch's headers is needed to build.
#pragma once

#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <stdexcept>
#include <string>

extern "C" {
using AtenTensorHandle = struct AtenTensorOpaque*;
using TorchLibraryHandle = struct TorchLibraryOpaque*;
using StableIValue = uint64_t;

int32_t aoti_torch_delete_tensor_object(AtenTensorHandle);
int32_t aoti_torch_get_data_ptr(AtenTensorHandle, void**);
int32_t aoti_torch_get_dim(AtenTensorHandle, int64_t*);
int32_t aoti_torch_get_sizes(AtenTensorHandle, int64_t**);
int32_t aoti_torch_get_strides(AtenTensorHandle, int64_t**);
int32_t aoti_torch_get_dtype(AtenTensorHandle, int32_t*);
int32_t aoti_torch_empty_strided(
    int64_t dim, const int64_t* sizes, const int64_t* strides, int32_t dtype, int32_t device_type,
    int32_t device_index, AtenTensorHandle*);
int32_t aoti_torch_library_init_def(
    const char* name, const char* file, uint32_t line, TorchLibraryHandle*);
int32_t aoti_torch_library_init_impl(
    const char* name, const char* dispatch_key, const char* file, uint32_t line,
    TorchLibraryHandle*);
int32_t aoti_torch_library_def(TorchLibraryHandle, const char* schema);
int32_t aoti_torch_library_impl(
    TorchLibraryHandle, const char* name, void (*)(StableIValue*, uint64_t, uint64_t));
}

namespace qwark {

// c10::ScalarType
enum DType : int32_t { kUInt8 = 0, kInt8 = 1, kInt64 = 4, kFloat16 = 5, kFloat32 = 6, kBFloat16 = 15 };

inline void require(bool condition, const char* what) {
  if (!condition) throw std::invalid_argument(std::string("qwark kernels: ") + what);
}

inline void check(int32_t error) { require(error == 0, "a call of libtorch failed"); }

// A tensor that an operator was given or makes; the handle is released with it.
class Tensor {
 public:
  explicit Tensor(AtenTensorHandle handle) : handle_(handle) {
    check(aoti_torch_get_data_ptr(handle, &data_));
    check(aoti_torch_get_dim(handle, &dim_));
    check(aoti_torch_get_sizes(handle, &sizes_));
    check(aoti_torch_get_dtype(handle, &dtype_));
    int64_t* strides;
    check(aoti_torch_get_strides(handle, &strides));
    int64_t expected = 1;
    for (int64_t i = dim_ - 1; i >= 0; i--) {
      require(sizes_[i] <= 1 || strides[i] == expected, "a tensor is not contiguous");
      expected *= sizes_[i];
    }
    numel_ = expected;
  }
  Tensor(Tensor&& other) noexcept { *this = static_cast<Tensor&&>(other); }
  Tensor& operator=(Tensor&& other) noexcept {
    std::memcpy(static_cast<void*>(this), &other, sizeof(*this));
    other.handle_ = nullptr;
    return *this;
  }
  Tensor(const Tensor&) = delete;
  ~Tensor() {
    if (handle_ != nullptr) aoti_torch_delete_tensor_object(handle_);
  }

  static Tensor empty(std::initializer_list<int64_t> sizes, DType dtype) {
    int64_t strides[4];
    int64_t stride = 1;
    for (int64_t i = sizes.size() - 1; i >= 0; i--) {
      strides[i] = stride;
      stride *= sizes.begin()[i];
    }
    AtenTensorHandle handle;
    check(aoti_torch_empty_strided(sizes.size(), sizes.begin(), strides, dtype, 0, 0, &handle));
    return Tensor(handle);
  }

  template <typename T>
  T* data() const {
    return static_cast<T*>(data_);
  }
  int64_t dim() const { return dim_; }
  int64_t size(int64_t i) const { return sizes_[i]; }
  int64_t numel() const { return numel_; }
  DType dtype() const { return static_cast<DType>(dtype_); }

  // As the result of an operator, which owns it from then on.
  StableIValue release() {
    StableIValue value = reinterpret_cast<StableIValue>(handle_);
    handle_ = nullptr;
    return value;
  }

 private:
  AtenTensorHandle handle_;
  void* data_;
  int64_t dim_;
  int64_t* sizes_;
  int32_t dtype_;
  int64_t numel_;
};

inline Tensor tensor(StableIValue value) {
  return Tensor(reinterpret_cast<AtenTensorHandle>(value));
}

inline Tensor tensor(StableIValue value, DType dtype, int64_t dim) {
  Tensor t = tensor(value);
  require(t.dtype() == dtype, "a tensor is of the wrong type");
  require(t.dim() == dim, "a tensor has the wrong number of dimensions");
  return t;
}

inline double floating(StableIValue value) {
  double d;
  std::memcpy(&d, &value, sizeof(d));
  return d;
}

}  // namespace qwark
