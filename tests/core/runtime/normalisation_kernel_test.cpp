#include "core/runtime/normalisation_kernel.h"

#include <doctest/doctest.h>

#include <cmath>
#include <vector>

#include "core/util/rng.h"

namespace nas {
namespace {

std::vector<float> normals(std::size_t count, std::uint64_t seed) {
  std::vector<float> values(count);
  Rng rng({.seed = seed});
  for (float& value : values) value = static_cast<float>(rng.normal());
  return values;
}

/// gx of batch normalisation for one channel, written out.
std::vector<double> normalisation_gradient(const std::vector<double>& gy,
                                           const std::vector<double>& x, double weight) {
  const auto n = static_cast<double>(x.size());
  double mean = 0, variance = 0, mg = 0, mgh = 0;
  for (const double v : x) mean += v / n;
  for (const double v : x) variance += (v - mean) * (v - mean) / n;
  const double s = 1 / std::sqrt(variance + 1e-5);
  for (std::size_t i = 0; i < x.size(); ++i) {
    mg += gy[i] / n;
    mgh += gy[i] * (x[i] - mean) * s / n;
  }
  std::vector<double> gx(x.size());
  for (std::size_t i = 0; i < x.size(); ++i) {
    gx[i] = weight * s * (gy[i] - mg - (x[i] - mean) * s * mgh);
  }
  return gx;
}

}  // namespace

TEST_CASE("batch normalisation: the second-order kernel equals finite differences") {
  constexpr std::size_t kRows = 9;
  const auto xf = normals(kRows, 5), gf = normals(kRows, 6), vf = normals(kRows, 7);
  std::vector<double> x(xf.begin(), xf.end()), gy(gf.begin(), gf.end());
  double mean = 0, variance = 0;
  for (const double v : x) mean += v / kRows;
  for (const double v : x) variance += (v - mean) * (v - mean) / kRows;
  const float weight = 1.3F, fmean = static_cast<float>(mean);
  const auto invstd = static_cast<float>(1 / std::sqrt(variance + 1e-5));
  std::vector<float> by_gy(kRows), by_x(kRows);
  normalisation_second_order({.rows = kRows,
                              .channels = 1,
                              .gy = gf.data(),
                              .x = xf.data(),
                              .v = vf.data(),
                              .weight = &weight,
                              .mean = &fmean,
                              .invstd = &invstd,
                              .by_gy = by_gy.data(),
                              .by_x = by_x.data()});
  const auto product = [&] {
    const auto gx = normalisation_gradient(gy, x, 1.3);
    double sum = 0;
    for (std::size_t i = 0; i < kRows; ++i) sum += static_cast<double>(vf[i]) * gx[i];
    return sum;
  };
  constexpr double kStep = 1e-5;
  const auto slope = [&](double& value) {
    const double kept = value;
    value = kept + kStep;
    const double above = product();
    value = kept - kStep;
    const double below = product();
    value = kept;
    return (above - below) / (2 * kStep);
  };
  for (std::size_t i = 0; i < kRows; ++i) {
    CHECK(static_cast<double>(by_gy[i]) == doctest::Approx(slope(gy[i])).epsilon(1e-3));
    CHECK(std::abs(static_cast<double>(by_x[i]) - slope(x[i])) < 1e-3);
  }
}

}  // namespace nas
