#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace nas {

/// W = U S V^T with singular values in falling order. rank = min(rows, columns); matrices
/// row-major.
struct SingularValues {
  std::size_t rows = 0, columns = 0, rank = 0;
  std::vector<double> u;  ///< [rows, rank]
  std::vector<double> s;  ///< [rank]
  std::vector<double> v;  ///< [columns, rank]
};

/// Of a matrix [rows, columns], row-major, by one-sided rotations of its columns (Hestenes, 1958;
/// Golub and Van Loan, section 8.6.3). Columns of `u` that belong to a singular value of 0 are 0.
/// Costs about 10 rank^2 max(rows, columns) multiplications. Requires rows, columns >= 1.
SingularValues singular_values(std::span<const float> matrix, std::size_t rows,
                               std::size_t columns);

}  // namespace nas
