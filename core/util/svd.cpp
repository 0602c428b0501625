#include "core/util/svd.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>
#include <utility>

#include "core/util/error.h"

namespace nas {
namespace {

/// Columns of A become orthogonal; V collects the rotations.
class Rotations {
 public:
  explicit Rotations(std::vector<std::vector<double>> columns)
      : columns_(std::move(columns)), turned_(columns_.size()) {
    for (std::size_t i = 0; i < turned_.size(); ++i) {
      turned_[i].assign(turned_.size(), 0);
      turned_[i][i] = 1;
    }
  }

  void run() {
    constexpr int kMostSweeps = 60;
    for (int sweep = 0; sweep < kMostSweeps; ++sweep) {
      bool turned = false;
      for (std::size_t p = 0; p < columns_.size(); ++p) {
        for (std::size_t q = p + 1; q < columns_.size(); ++q) turned = turn(p, q) || turned;
      }
      if (!turned) return;
    }
  }

  const std::vector<double>& column(std::size_t i) const { return columns_[i]; }
  const std::vector<double>& turned(std::size_t i) const { return turned_[i]; }
  double norm(std::size_t i) const { return std::sqrt(product(columns_[i], columns_[i])); }

 private:
  static double product(const std::vector<double>& a, const std::vector<double>& b) {
    return std::inner_product(a.begin(), a.end(), b.begin(), 0.0);
  }

  static void rotate(std::vector<double>& a, std::vector<double>& b, double cosine, double sine) {
    for (std::size_t i = 0; i < a.size(); ++i) {
      const double x = a[i], y = b[i];
      a[i] = cosine * x - sine * y;
      b[i] = sine * x + cosine * y;
    }
  }

  bool turn(std::size_t p, std::size_t q) {
    const double alpha = product(columns_[p], columns_[p]);
    const double beta = product(columns_[q], columns_[q]);
    const double gamma = product(columns_[p], columns_[q]);
    constexpr double kSmall = 1e-12;
    if (std::abs(gamma) <= kSmall * std::sqrt(alpha * beta) || gamma == 0) return false;
    const double zeta = (beta - alpha) / (2 * gamma);
    const double tangent = (zeta >= 0 ? 1 : -1) / (std::abs(zeta) + std::sqrt(1 + zeta * zeta));
    const double cosine = 1 / std::sqrt(1 + tangent * tangent), sine = cosine * tangent;
    rotate(columns_[p], columns_[q], cosine, sine);
    rotate(turned_[p], turned_[q], cosine, sine);
    return true;
  }

  std::vector<std::vector<double>> columns_, turned_;
};

}  // namespace

SingularValues singular_values(std::span<const float> matrix, std::size_t rows,
                               std::size_t columns) {
  NAS_CHECK(rows >= 1 && columns >= 1 && matrix.size() == rows * columns,
            "a matrix has as many numbers as rows and columns say");
  // The shorter side is rotated.
  const bool wide = columns > rows;
  const std::size_t rank = std::min(rows, columns), length = std::max(rows, columns);
  std::vector<std::vector<double>> vectors(rank, std::vector<double>(length));
  for (std::size_t r = 0; r < rows; ++r) {
    for (std::size_t c = 0; c < columns; ++c) {
      vectors[wide ? r : c][wide ? c : r] = static_cast<double>(matrix[r * columns + c]);
    }
  }
  Rotations rotations(std::move(vectors));
  rotations.run();
  std::vector<std::size_t> order(rank);
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, std::greater<>(),
                           [&](std::size_t i) { return rotations.norm(i); });
  SingularValues result{.rows = rows, .columns = columns, .rank = rank};
  result.u.resize(rows * rank);
  result.v.resize(columns * rank);
  std::vector<double>&of_long = wide ? result.v : result.u, &of_short = wide ? result.u : result.v;
  for (std::size_t k = 0; k < rank; ++k) {
    const double norm = rotations.norm(order[k]);
    result.s.push_back(norm);
    for (std::size_t i = 0; i < length; ++i) {
      of_long[i * rank + k] = norm > 0 ? rotations.column(order[k])[i] / norm : 0;
    }
    for (std::size_t i = 0; i < rank; ++i) of_short[i * rank + k] = rotations.turned(order[k])[i];
  }
  return result;
}

}  // namespace nas
