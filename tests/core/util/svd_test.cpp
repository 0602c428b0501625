#include "core/util/svd.h"

#include <doctest/doctest.h>

#include <cmath>

#include "core/util/rng.h"

namespace nas {
namespace {

std::vector<float> random_matrix(std::size_t rows, std::size_t columns, std::uint64_t seed) {
  Rng rng({.seed = seed, .purpose = Purpose::kTest});
  std::vector<float> values(rows * columns);
  for (float& value : values) value = static_cast<float>(rng.normal());
  return values;
}

/// The largest difference between W and the sum of the first `rank` parts.
double error_of(const SingularValues& svd, const std::vector<float>& matrix, std::size_t rank) {
  double most = 0;
  for (std::size_t r = 0; r < svd.rows; ++r) {
    for (std::size_t c = 0; c < svd.columns; ++c) {
      double sum = 0;
      for (std::size_t k = 0; k < rank; ++k) {
        sum += svd.u[r * svd.rank + k] * svd.s[k] * svd.v[c * svd.rank + k];
      }
      most = std::max(most, std::abs(sum - static_cast<double>(matrix[r * svd.columns + c])));
    }
  }
  return most;
}

TEST_CASE("svd: the parts of a matrix add up to it, tall, wide and square") {
  for (const auto& [rows, columns] : {std::pair{7, 3}, std::pair{3, 7}, std::pair{6, 6}}) {
    const auto r = static_cast<std::size_t>(rows), c = static_cast<std::size_t>(columns);
    const std::vector<float> matrix = random_matrix(r, c, 5);
    const SingularValues svd = singular_values(matrix, r, c);
    CHECK(svd.rank == std::min(r, c));
    CHECK(error_of(svd, matrix, svd.rank) < 1e-6);
    for (std::size_t k = 1; k < svd.rank; ++k) CHECK(svd.s[k] <= svd.s[k - 1]);
    // Columns of u are orthonormal.
    for (std::size_t a = 0; a < svd.rank; ++a) {
      for (std::size_t b = 0; b <= a; ++b) {
        double sum = 0;
        for (std::size_t i = 0; i < r; ++i)
          sum += svd.u[i * svd.rank + a] * svd.u[i * svd.rank + b];
        CHECK(sum == doctest::Approx(a == b ? 1.0 : 0.0).epsilon(1e-9));
      }
    }
  }
}

TEST_CASE("svd: known singular values, and a matrix of rank one needs one part") {
  // [3 0; 4 5] has singular values sqrt(45) and sqrt(5).
  const std::vector<float> known{3, 0, 4, 5};
  const SingularValues two = singular_values(known, 2, 2);
  CHECK(two.s[0] == doctest::Approx(std::sqrt(45.0)));
  CHECK(two.s[1] == doctest::Approx(std::sqrt(5.0)));
  const std::vector<float> flat{1, 2, 3, 2, 4, 6};
  const SingularValues one = singular_values(flat, 2, 3);
  CHECK(one.s[1] < 1e-9);
  CHECK(error_of(one, flat, 1) < 1e-6);
}

}  // namespace
}  // namespace nas
