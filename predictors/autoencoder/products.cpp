#include "predictors/autoencoder/products.h"

#include <cstring>

// One body for all processors: vectors of eight floats, which a compiler splits where registers are
// shorter. Blocks of 6 x 16 results keep twelve sums, two rows of b and one element of a in the
// sixteen registers of AVX2.

namespace nas {
namespace {

using Lanes = float __attribute__((vector_size(32)));
constexpr std::size_t kLanes = 8, kRows = 6, kColumns = 2 * kLanes;

template <std::size_t kCount>
[[gnu::always_inline]] inline void block(const ProductShape& shape, const StridedMatrix& a,
                                         const float* b, float* c, bool add) {
  // Unrolled, so that the sums are registers.
  Lanes left[kCount], right[kCount];
#pragma GCC unroll 6
  for (std::size_t r = 0; r < kCount; ++r) left[r] = right[r] = Lanes{};
  for (std::size_t k = 0; k < shape.inner; ++k) {
    Lanes first, second;
    std::memcpy(&first, b + k * shape.columns, sizeof first);
    std::memcpy(&second, b + k * shape.columns + kLanes, sizeof second);
#pragma GCC unroll 6
    for (std::size_t r = 0; r < kCount; ++r) {
      const float factor = a.at[r * a.row_step + k * a.column_step];
      left[r] += factor * first;
      right[r] += factor * second;
    }
  }
#pragma GCC unroll 6
  for (std::size_t r = 0; r < kCount; ++r) {
    float* to = c + r * shape.columns;
    if (add) {
      Lanes old;
      std::memcpy(&old, to, sizeof old);
      left[r] += old;
      std::memcpy(&old, to + kLanes, sizeof old);
      right[r] += old;
    }
    std::memcpy(to, &left[r], sizeof left[r]);
    std::memcpy(to + kLanes, &right[r], sizeof right[r]);
  }
}

[[gnu::always_inline]] inline void product(const ProductShape& shape, const StridedMatrix& a,
                                           const float* b, float* c, bool add) {
  const std::size_t wide = shape.columns / kColumns * kColumns;
  for (std::size_t i = 0; i < shape.rows;) {
    const std::size_t count = shape.rows - i >= kRows ? kRows : 1;
    const StridedMatrix rows{a.at + i * a.row_step, a.row_step, a.column_step};
    float* to = c + i * shape.columns;
    for (std::size_t j = 0; j < wide; j += kColumns) {
      if (count == kRows) {
        block<kRows>(shape, rows, b + j, to + j, add);
      } else {
        block<1>(shape, rows, b + j, to + j, add);
      }
    }
    for (std::size_t r = 0; r < count; ++r) {
      for (std::size_t j = wide; j < shape.columns; ++j) {
        float sum = add ? to[r * shape.columns + j] : 0.0F;
        for (std::size_t k = 0; k < shape.inner; ++k) {
          sum += rows.at[r * a.row_step + k * a.column_step] * b[k * shape.columns + j];
        }
        to[r * shape.columns + j] = sum;
      }
    }
    i += count;
  }
}

[[gnu::target("avx2,fma")]] void product_avx2(const ProductShape& shape, const StridedMatrix& a,
                                              const float* b, float* c, bool add) {
  product(shape, a, b, c, add);
}

void product_baseline(const ProductShape& shape, const StridedMatrix& a, const float* b, float* c,
                      bool add) {
  product(shape, a, b, c, add);
}

}  // namespace

void multiply(const ProductShape& shape, const StridedMatrix& a, const float* b, float* c,
              bool add) {
  static const bool kAvx2 =
      __builtin_cpu_supports("avx2") != 0 && __builtin_cpu_supports("fma") != 0;
  (kAvx2 ? product_avx2 : product_baseline)(shape, a, b, c, add);
}

void transpose(const float* from, std::size_t rows, std::size_t columns, std::vector<float>& to) {
  to.resize(rows * columns);
  for (std::size_t i = 0; i < rows; ++i) {
    for (std::size_t j = 0; j < columns; ++j) to[j * rows + i] = from[i * columns + j];
  }
}

}  // namespace nas
