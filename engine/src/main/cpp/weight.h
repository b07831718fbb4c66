// How a weight, an (N, K) matrix, lies in memory.
#pragma once

#include <cstdint>

namespace qwark {

// Weights lie in panels of 64 rows, the last one filled up. In a panel of 8 bits, for every four columns, come the
// four values of each row: [N / 64][K / 4][64][4]. A value w is stored as w + 128, and a row has a scale.
constexpr int64_t kPanel = 64;

inline int64_t panels(int64_t n) { return (n + kPanel - 1) / kPanel; }

// 4 bits are a short form of the same: 32 columns of a row share a step and a base, whole numbers both, and a code of
// 0 ... 15 stands for code step + base, which is what 8 bits would have stored. Products of such a weight are therefore
// as exact as those of 8 bits. For every 32 columns of a panel come the codes, two steps of four columns in the lower
// and the upper halves of bytes, [4][64][4], then the steps [64] and the bases [64].
constexpr int64_t kGroup = 32;
constexpr int64_t kGroupCodes = kGroup * kPanel / 2;
constexpr int64_t kGroupBytes = kGroupCodes + 2 * kPanel;

struct PackedWeight {
  const uint8_t* data;
  int bits;  // 8 or 4

  // Bytes of a panel of K columns.
  int64_t panel_bytes(int64_t K) const { return bits == 4 ? K / kGroup * kGroupBytes : K * kPanel; }

  const uint8_t* panel(int64_t p, int64_t K) const { return data + p * panel_bytes(K); }
};

// Where rows of a part go in a packed weight: row r to offset + r, or, where two parts take turns of kTurn rows, to
// offset + r + r / kTurn * kTurn.
constexpr int64_t kTurn = kPanel / 2;
struct RowPlaces {
  int64_t offset;
  bool turns;

  int64_t of(int64_t row) const { return offset + row + (turns ? row / kTurn * kTurn : 0); }
};

// Quantizes n rows (n, K) of dtype (see DType) with a scale each and puts them into a packed weight, the first of them
// as row `row` of its part. False if some weight is infinite or not a number.
bool pack_rows(
    const void* rows, int dtype, int64_t n, int64_t K, uint8_t* packed, int bits, float* scale, int64_t row,
    const RowPlaces& places);

// The same for rows (n, K) that are in 8 bits already, and stay so.
void place_rows(
    const int8_t* codes, const float* row_scale, int64_t n, int64_t K, uint8_t* packed, float* scale,
    int64_t row, const RowPlaces& places);

// Fills what is left of the last panel of a weight of N rows.
void pad_rows(int64_t N, int64_t K, uint8_t* packed, int bits);

}  // namespace qwark
