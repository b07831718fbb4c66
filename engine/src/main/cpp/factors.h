// The factors of products, as operators are given them.
#pragma once

#include <memory>
#include <vector>

#include "linear.h"
#include "rounding.h"
#include "simd.h"
#include "threads.h"
#include "torch_api.h"

namespace qwark {

// Numbers up to which rows are prepared by the calling thread alone: the others take longer to start.
constexpr int64_t kSmall = 1 << 14;

// What a thread prepares rows of K numbers with, kept from one call to the next: threads that ask for memory wait for one
// another.
struct Preparation {
  std::vector<float> row;
  ActivationRounding rounding;

  static Preparation& get(int64_t K) {
    static thread_local Preparation p;
    p.row.resize(K);
    p.rounding.resize(K);
    return p;
  }
};

// 8-bit rows that live as long as a call.
class Rows {
 public:
  // prepare(row, from): where the K numbers of that row are, or puts them at `from`.
  template <typename F>
  Rows(int64_t M, int64_t K, F prepare)
      : values_(new int8_t[M * K]), scale_(new float[M]), sum_(new int32_t[M]), outliers_(new Outliers[M]) {
    int64_t parts = M * K <= kSmall ? 1 : parts_for(M);
    parallel(parts, [&](int64_t part) {
      Preparation& own = Preparation::get(K);
      for (int64_t m = M * part / parts; m < M * (part + 1) / parts; m++) {
        const float* x = prepare(m, own.row.data());
        own.rounding.round(x, values_.get() + m * K, &scale_[m], &sum_[m], &outliers_[m]);
      }
    });
  }

  QuantizedRows view() { return {values_.get(), scale_.get(), sum_.get(), outliers_.get()}; }

 private:
  // Not vectors, which one thread would fill with zeros first.
  std::unique_ptr<int8_t[]> values_;
  std::unique_ptr<float[]> scale_;
  std::unique_ptr<int32_t[]> sum_;
  std::unique_ptr<Outliers[]> outliers_;
};

// A weight of K columns, whose size tells how many bits it has.
inline PackedWeight packed_weight(const Tensor& weight, const Tensor& scale, int64_t K) {
  int64_t count = panels(scale.size(0));
  for (int bits : {8, 4}) {
    PackedWeight packed{weight.data<uint8_t>(), bits};
    if (K % (bits == 4 ? kGroup : 4) == 0 && weight.numel() == count * packed.panel_bytes(K)) return packed;
  }
  require(false, "a weight has the wrong size");
  return {};
}

// Normalized rows and a weight to multiply them with: x, norm, eps, weight, scale.
struct NormedFactors {
  Tensor x, norm;
  float eps;
  Tensor weight, scale;
  int64_t M, K, N;

  explicit NormedFactors(const StableIValue* stack)
      : x(tensor(stack[0], kFloat32, 2)),
        norm(tensor(stack[1], kFloat32, 1)),
        eps(static_cast<float>(floating(stack[2]))),
        weight(tensor(stack[3], kUInt8, 1)),
        scale(tensor(stack[4], kFloat32, 1)),
        M(x.size(0)),
        K(x.size(1)),
        N(scale.size(0)) {
    require(norm.size(0) == K, "a norm has the wrong size");
  }

  Rows rows() const {
    return Rows(M, K, [this](int64_t m, float* buffer) {
      rms_norm(x.data<float>() + m * K, norm.data<float>(), eps, buffer, K);
      return buffer;
    });
  }
};

}  // namespace qwark
