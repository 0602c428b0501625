#include "predictors/zerocost/spectrum.h"

#include <Eigen/Eigenvalues>
#include <Eigen/LU>
#include <cmath>
#include <limits>

#include "core/util/error.h"

namespace nas {
namespace {

using Matrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using Values = Eigen::Map<const Matrix>;

Values view(std::span<const double> matrix, std::int64_t rows) {
  NAS_CHECK(rows > 0 && static_cast<std::int64_t>(matrix.size()) % rows == 0,
            "a matrix has whole rows");
  return {matrix.data(), rows, static_cast<std::int64_t>(matrix.size()) / rows};
}

}  // namespace

std::vector<double> row_correlations(std::span<const float> values, std::int64_t rows) {
  NAS_CHECK(rows > 0 && static_cast<std::int64_t>(values.size()) % rows == 0,
            "a matrix has whole rows");
  using Rows = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  const Eigen::Map<const Rows> source(values.data(), rows,
                                      static_cast<std::int64_t>(values.size()) / rows);
  Matrix centred = source.cast<double>();
  centred.colwise() -= centred.rowwise().mean().eval();
  std::vector<double> result(static_cast<std::size_t>(rows * rows));
  Eigen::Map<Matrix> correlation(result.data(), rows, rows);
  correlation.noalias() = centred * centred.transpose();
  const Eigen::VectorXd scale = correlation.diagonal().array().sqrt().inverse().matrix();
  correlation = (scale.asDiagonal() * correlation * scale.asDiagonal()).eval();
  return result;
}

std::vector<double> symmetric_eigenvalues(std::span<const double> matrix, std::int64_t size) {
  const Eigen::SelfAdjointEigenSolver<Matrix> solver(view(matrix, size), Eigen::EigenvaluesOnly);
  const auto& values = solver.eigenvalues();
  return {values.data(), values.data() + values.size()};
}

double log_abs_determinant(std::span<const double> matrix, std::int64_t size) {
  const Eigen::PartialPivLU<Matrix> factors(view(matrix, size));
  double sum = 0;
  for (std::int64_t i = 0; i < size; ++i) sum += std::log(std::abs(factors.matrixLU()(i, i)));
  return sum;
}

double largest_singular_value(std::span<const double> matrix, std::int64_t rows) {
  const Values m = view(matrix, rows);
  const Matrix gram = m.rows() <= m.cols() ? Matrix(m * m.transpose()) : Matrix(m.transpose() * m);
  const Eigen::SelfAdjointEigenSolver<Matrix> solver(gram, Eigen::EigenvaluesOnly);
  return std::sqrt(std::max(solver.eigenvalues().maxCoeff(), 0.0));
}

}  // namespace nas
