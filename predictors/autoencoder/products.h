#pragma once

#include <cstddef>
#include <vector>

namespace nas {

/// Numbers in rows, single precision.
struct FloatMatrix {
  std::size_t rows = 0, columns = 0;
  std::vector<float> values;  ///< row-major

  FloatMatrix() = default;
  FloatMatrix(std::size_t r, std::size_t c) : rows(r), columns(c), values(r * c, 0.0F) {}
  /// Another size; the values are then unspecified.
  void resize(std::size_t r, std::size_t c) {
    rows = r;
    columns = c;
    values.resize(r * c);
  }
  float* row(std::size_t i) { return values.data() + i * columns; }
  const float* row(std::size_t i) const { return values.data() + i * columns; }
};

/// A matrix as a product reads it: element (i, k) is at[i * row_step + k * column_step], so that a
/// transposed one needs no copy.
struct StridedMatrix {
  const float* at = nullptr;
  std::size_t row_step = 0, column_step = 1;
};

/// c[rows x columns] = a[rows x inner] b[inner x columns], added to what c has where `add`. `b` and
/// `c` are row-major. Uses AVX2 where the processor has it; the sums are then in another order.
struct ProductShape {
  std::size_t rows = 0, inner = 0, columns = 0;
};
void multiply(const ProductShape& shape, const StridedMatrix& a, const float* b, float* c,
              bool add = false);

/// to[columns x rows] = from[rows x columns], transposed.
void transpose(const float* from, std::size_t rows, std::size_t columns, std::vector<float>& to);

}  // namespace nas
