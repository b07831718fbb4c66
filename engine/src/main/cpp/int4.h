// Groups of 32 weights in 4 bits, see weight.h.
#pragma once

#include <cstdint>

namespace qwark {

// What 32 weights of a row become.
struct Int4Group {
  uint8_t codes[32];
  uint8_t step;
  uint8_t base;
};

// Finds the step and the base that 32 numbers of 1 ... 255 lose least with.
Int4Group round_group(const float* numbers);

}  // namespace qwark
