#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace nas {

/// Pearson correlations of the rows of `values` [rows, columns], row-major: [rows, rows]. NaN where
/// a row is constant.
std::vector<double> row_correlations(std::span<const float> values, std::int64_t rows);

/// Ascending; Requires a symmetric matrix [size, size] without NaN.
std::vector<double> symmetric_eigenvalues(std::span<const double> matrix, std::int64_t size);

/// ln |det| of a square matrix; -inf for a singular one.
double log_abs_determinant(std::span<const double> matrix, std::int64_t size);

/// Largest singular value of [rows, columns], row-major.
double largest_singular_value(std::span<const double> matrix, std::int64_t rows);

}  // namespace nas
