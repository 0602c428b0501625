#include <doctest/doctest.h>

#include <cmath>
#include <limits>

#include "core/util/rng.h"
#include "predictors/zerocost/aggregate.h"
#include "predictors/zerocost/batches.h"
#include "predictors/zerocost/kernels.h"
#include "predictors/zerocost/spectrum.h"

namespace nas {
namespace {

std::vector<float> normals(std::size_t count, std::uint64_t seed) {
  std::vector<float> values(count);
  Rng rng({.seed = seed});
  fill_normal(values, rng);
  return values;
}

TEST_CASE("zero-cost kernels: normal numbers have mean 0 and deviation 1") {
  const auto values = normals(100001, 1);
  double sum = 0, squares = 0;
  for (const float v : values) {
    sum += static_cast<double>(v);
    squares += static_cast<double>(v) * static_cast<double>(v);
  }
  CHECK(std::abs(sum / 100001) < 0.015);
  CHECK(std::abs(squares / 100001 - 1) < 0.02);
}

TEST_CASE("zero-cost kernels: agreement counts equal signs, whatever the number of units") {
  constexpr std::size_t kUnits = 131;
  const auto values = normals(3 * kUnits, 2);
  const SignPattern pattern = pack_signs(values, 3);
  std::vector<double> kernel(9, 0);
  add_agreement(pattern, 3, kernel);
  for (std::size_t i = 0; i < 3; ++i) {
    for (std::size_t j = 0; j < 3; ++j) {
      int equal = 0;
      for (std::size_t u = 0; u < kUnits; ++u) {
        equal += (values[i * kUnits + u] > 0) == (values[j * kUnits + u] > 0) ? 1 : 0;
      }
      CHECK(kernel[i * 3 + j] == equal);
    }
  }
}

TEST_CASE("zero-cost kernels: channel products agree in both memory layouts") {
  constexpr std::size_t kImages = 2, kChannels = 3, kPositions = 70;
  const auto a = normals(kImages * kChannels * kPositions, 3);
  const auto g = normals(a.size(), 4);
  std::vector<float> a_last(a.size()), g_last(a.size());
  for (std::size_t i = 0; i < a.size(); ++i) {
    const std::size_t p = i % kPositions, c = i / kPositions % kChannels;
    const std::size_t n = i / kPositions / kChannels;
    a_last[(n * kPositions + p) * kChannels + c] = a[i];
    g_last[(n * kPositions + p) * kChannels + c] = g[i];
  }
  std::vector<double> first(kImages * kChannels, 0), last(first);
  channel_products(a, g, kImages, kChannels, false, first);
  channel_products(a_last, g_last, kImages, kChannels, true, last);
  for (std::size_t i = 0; i < first.size(); ++i) {
    CHECK(last[i] == doctest::Approx(first[i]).epsilon(1e-4));
  }
}

TEST_CASE("zero-cost spectra: closed forms") {
  const std::vector<double> matrix{2, 1, 1, 2};
  CHECK(symmetric_eigenvalues(matrix, 2)[0] == doctest::Approx(1));
  CHECK(symmetric_eigenvalues(matrix, 2)[1] == doctest::Approx(3));
  CHECK(log_abs_determinant(matrix, 2) == doctest::Approx(std::log(3.0)));
  CHECK(log_abs_determinant(std::vector<double>{1, 1, 1, 1}, 2) ==
        -std::numeric_limits<double>::infinity());
  CHECK(largest_singular_value(std::vector<double>{3, 0, 0, 0, 4, 0}, 2) == doctest::Approx(4));
  const auto r = row_correlations(std::vector<float>{1, 2, 3, 6, 4, 2, 1, 1, 1}, 3);
  CHECK(r[1] == doctest::Approx(-1));
  CHECK(std::isnan(r[2]));
}

TEST_CASE("zero-cost sets: a score that is not finite ranks last") {
  const std::vector<std::vector<double>> columns{
      {1, 2, std::numeric_limits<double>::quiet_NaN()}, {1, 2, 3}, {1, 2, -1e300}};
  for (const SetScore& score : set_scores()) {
    if (score.name != "vote") continue;
    CHECK(combine(score, columns) == std::vector<double>{1, 2, 0});
  }
}

}  // namespace
}  // namespace nas
