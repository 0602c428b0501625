#include "core/gp/gaussian_process.h"

#include <doctest/doctest.h>

#include <cmath>
#include <numbers>

#include "core/gp/box_search.h"
#include "core/util/error.h"

using namespace nas;

namespace {

std::vector<double> uniforms(std::size_t count, std::uint64_t seed) {
  Rng rng({.seed = seed});
  std::vector<double> values(count);
  for (double& value : values) value = rng.uniform(-1, 1);
  return values;
}

double matern52(double r) {
  const double a = std::sqrt(5.0) * r;
  return (1 + a + a * a / 3) * std::exp(-a);
}

}  // namespace

TEST_CASE("gp: two points by hand") {
  // Inputs 0 and 1, length scale 1, targets -1 and 1 (already standardised), noise 1e-6.
  GaussianProcess process;
  const double inputs[] = {0, 1}, targets[] = {-1, 1}, log_scale[] = {0};
  process.condition(inputs, targets, log_scale);
  const double k = matern52(1), noise = 1e-6;
  // K = [[1+s, k], [k, 1+s]]: (-1, 1) is its eigenvector with 1 + s - k.
  const double alpha = 1 / (1 + noise - k);
  const double at = 0.25;
  const double k0 = matern52(0.25), k1 = matern52(0.75);
  const double mean = alpha * (k1 - k0);
  const double determinant = (1 + noise) * (1 + noise) - k * k;
  const double explained = ((1 + noise) * (k0 * k0 + k1 * k1) - 2 * k * k0 * k1) / determinant;
  const GpPosterior posterior = process.posterior({&at, 1});
  CHECK(posterior.mean == doctest::Approx(mean).epsilon(1e-9));
  CHECK(posterior.deviation == doctest::Approx(std::sqrt(1 - explained)).epsilon(1e-9));
  CHECK(process.upper_confidence_bound({&at, 1}, 2.576, {}) ==
        doctest::Approx(mean + 2.576 * std::sqrt(1 - explained)).epsilon(1e-9));
  const double likelihood =
      -0.5 * 2 * alpha - 0.5 * std::log(determinant) - std::log(2 * std::numbers::pi);
  CHECK(process.log_marginal_likelihood(log_scale, {}) ==
        doctest::Approx(likelihood).epsilon(1e-9));
}

TEST_CASE("gp: five points on a line, the posterior against elimination by hand") {
  const std::vector<double> x = {-0.9, -0.4, 0.1, 0.35, 0.8}, y = {1.0, 2.5, 2.0, -1.0, 0.5};
  GaussianProcess process;
  const double log_scale[] = {std::log(0.6)};
  process.condition(x, y, log_scale);
  double mean = 0, squares = 0;
  for (const double value : y) mean += value / 5;
  for (const double value : y) squares += (value - mean) * (value - mean) / 5;
  const double deviation = std::sqrt(squares);
  // Solve [K | y, k*] by Gauss-Jordan.
  const double at = 0.2;
  double m[5][7];
  for (int i = 0; i < 5; ++i) {
    for (int j = 0; j < 5; ++j) {
      m[i][j] = matern52(std::abs(x[static_cast<std::size_t>(i)] - x[static_cast<std::size_t>(j)]) /
                         0.6) +
                (i == j ? 1e-6 : 0);
    }
    m[i][5] = (y[static_cast<std::size_t>(i)] - mean) / deviation;
    m[i][6] = matern52(std::abs(x[static_cast<std::size_t>(i)] - at) / 0.6);
  }
  double k[5];
  for (int i = 0; i < 5; ++i) k[i] = m[i][6];
  for (int p = 0; p < 5; ++p) {
    for (int i = 0; i < 5; ++i) {
      if (i == p) continue;
      const double factor = m[i][p] / m[p][p];
      for (int j = p; j < 7; ++j) m[i][j] -= factor * m[p][j];
    }
  }
  double expected = 0, explained = 0;
  for (int i = 0; i < 5; ++i) {
    expected += k[i] * m[i][5] / m[i][i];
    explained += k[i] * m[i][6] / m[i][i];
  }
  const GpPosterior posterior = process.posterior({&at, 1});
  CHECK(posterior.mean == doctest::Approx(mean + deviation * expected).epsilon(1e-8));
  CHECK(posterior.deviation == doctest::Approx(deviation * std::sqrt(1 - explained)).epsilon(1e-6));
}

TEST_CASE("gp: the likelihood's gradient equals differences for every kernel") {
  const std::vector<double> y = uniforms(12, 5);
  for (const GpKernel kernel : {GpKernel::kMatern52, GpKernel::kRbf, GpKernel::kHamming}) {
    for (const bool ard : {false, true}) {
      std::vector<double> x = uniforms(36, 4);
      if (kernel == GpKernel::kHamming) {
        for (double& value : x) value = std::floor(value * 2);
      }
      GpOptions options{.kernel = kernel, .ard = ard, .fit_amplitude = true, .fit_noise = true};
      GaussianProcess process(options);
      std::vector<double> log(ard ? 5 : 3);
      for (std::size_t i = 0; i < log.size(); ++i)
        log[i] = 0.3 * std::sin(1.0 + static_cast<double>(i));
      log.back() = -3;
      process.condition(x, y, log);
      std::vector<double> gradient(log.size());
      process.log_marginal_likelihood(log, gradient);
      for (std::size_t i = 0; i < log.size(); ++i) {
        constexpr double kStep = 1e-5;
        std::vector<double> up = log, down = log;
        up[i] += kStep;
        down[i] -= kStep;
        const double difference =
            (process.log_marginal_likelihood(up, {}) - process.log_marginal_likelihood(down, {})) /
            (2 * kStep);
        CHECK(gradient[i] == doctest::Approx(difference).epsilon(1e-5));
      }
    }
  }
}

TEST_CASE("gp: the upper bound's gradient equals differences, many points equal one by one") {
  for (const GpKernel kernel : {GpKernel::kMatern52, GpKernel::kRbf}) {
    GaussianProcess process(GpOptions{.kernel = kernel});
    const std::vector<double> x = uniforms(30, 1), y = uniforms(10, 2), points = uniforms(15, 3);
    process.fit(x, y, Rng({}));
    const auto many = process.posteriors(points);
    for (std::size_t p = 0; p < 5; ++p) {
      const std::vector<double> point(points.begin() + static_cast<std::ptrdiff_t>(3 * p),
                                      points.begin() + static_cast<std::ptrdiff_t>(3 * p + 3));
      CHECK(process.posterior(point).mean == doctest::Approx(many[p].mean));
      std::vector<double> gradient(3);
      const double value = process.upper_confidence_bound(point, 2, gradient);
      CHECK(value == doctest::Approx(upper_confidence_bound(many[p], 2)));
      for (std::size_t i = 0; i < 3; ++i) {
        constexpr double kStep = 1e-6;
        std::vector<double> up = point, down = point;
        up[i] += kStep;
        down[i] -= kStep;
        const double difference = (process.upper_confidence_bound(up, 2, {}) -
                                   process.upper_confidence_bound(down, 2, {})) /
                                  (2 * kStep);
        CHECK(gradient[i] == doctest::Approx(difference).epsilon(1e-3));
      }
    }
  }
}

TEST_CASE("gp: predictions interpolate, and far away they are the mean with the prior's spread") {
  GaussianProcess process;
  const std::vector<double> x = uniforms(20, 7);
  std::vector<double> y;
  for (std::size_t i = 0; i < 10; ++i) y.push_back(std::sin(3 * x[2 * i]) + x[2 * i + 1]);
  process.fit(x, y, Rng({}));
  for (std::size_t i = 0; i < 10; ++i) {
    const GpPosterior posterior = process.posterior(std::span(x).subspan(2 * i, 2));
    CHECK(std::abs(posterior.mean - y[i]) < 1e-2);
    CHECK(posterior.deviation < 0.05);
  }
  double mean = 0;
  for (const double value : y) mean += value / 10;
  const double far[] = {1e7, -1e7};
  CHECK(process.posterior(far).mean == doctest::Approx(mean));
}

TEST_CASE("gp: the fit finds the likelihood's maximum of a fine grid") {
  for (std::uint64_t seed = 0; seed < 10; ++seed) {
    const std::vector<double> x = uniforms(16, seed);
    std::vector<double> y;
    for (std::size_t i = 0; i < 8; ++i) y.push_back(std::sin(4 * x[2 * i]) * x[2 * i + 1]);
    GaussianProcess process;
    process.fit(x, y, Rng({.seed = seed}));
    const double found = process.log_marginal_likelihood(process.log_parameters(), {});
    double best = -1e300;
    for (int i = 0; i <= 1000; ++i) {
      const double log[] = {std::log(1e-5) + i / 1000.0 * std::log(1e10)};
      best = std::max(best, process.log_marginal_likelihood(log, {}));
    }
    CHECK(found >= best - 1e-3);
  }
}

TEST_CASE("gp: targets that are equal are constant even where their mean is rounded") {
  // 0.1 + 0.1 + 0.1 is not 0.3: a deviation of 1e-17 must not become the scale of the function.
  const double inputs[] = {-0.5, 0.0, 0.5}, targets[] = {0.1, 0.1, 0.1}, far[] = {40};
  GaussianProcess process;
  process.condition(inputs, targets, std::vector<double>{0});
  CHECK(process.posterior(far).mean == doctest::Approx(0.1));
  CHECK(process.posterior(far).deviation == doctest::Approx(1));
}

TEST_CASE("gp: equal inputs and constant targets do no harm; what is not finite is refused") {
  GaussianProcess process(GpOptions{.noise = 0});
  const double same[] = {0.5, 0.5, 0.5}, constant[] = {2, 2, 2}, far[] = {9};
  process.fit(same, constant, Rng({}));
  CHECK(process.posterior(far).mean == doctest::Approx(2));
  const double bad[] = {1, 2, std::nan("")};
  CHECK_THROWS_AS(process.fit(same, bad, Rng({})), Error);
  CHECK_THROWS_AS(process.fit(same, {}, Rng({})), Error);
}

TEST_CASE("gp: expected improvement against its definition as an integral") {
  const GpPosterior posterior{.mean = 0.3, .deviation = 0.8};
  double integral = 0;
  constexpr double kStep = 1e-3;
  for (double z = -8; z < 8; z += kStep) {
    const double gain = posterior.mean + posterior.deviation * z - 0.5;
    if (gain > 0) integral += gain * normal_density(z) * kStep;
  }
  CHECK(expected_improvement(posterior, 0.5) == doctest::Approx(integral).epsilon(1e-3));
  CHECK(expected_improvement({1, 0}, 0.25) == 0.75);
  CHECK(expected_improvement({0, 0}, 0.25) == 0);
  CHECK(normal_distribution(1.96) == doctest::Approx(0.9750021));
}

TEST_CASE("box search: never asks outside the box and finds tops inside, on edges and in corners") {
  const std::vector<std::vector<double>> tops = {{0.2, -0.3}, {3, 0.1}, {-2, 5}};
  for (const std::vector<double>& top : tops) {
    bool inside = true;
    const BoxFunction hill = [&](std::span<const double> x, std::span<double> gradient) {
      double value = 0;
      for (std::size_t i = 0; i < 2; ++i) {
        inside = inside && x[i] >= -1 && x[i] <= 1;
        value -= (x[i] - top[i]) * (x[i] - top[i]);
        if (!gradient.empty()) gradient[i] = -2 * (x[i] - top[i]);
      }
      return value;
    };
    const BoxBatch batch = [&](std::span<const double> points) {
      std::vector<double> values;
      for (std::size_t i = 0; i < points.size(); i += 2)
        values.push_back(hill(points.subspan(i, 2), {}));
      return values;
    };
    const std::vector<double> found =
        maximise_in_box({.dimensions = 2, .points = 50, .starts = 3}, batch, hill, Rng({}));
    CHECK(inside);
    for (std::size_t i = 0; i < 2; ++i) {
      CHECK(found[i] == doctest::Approx(std::clamp(top[i], -1.0, 1.0)).epsilon(1e-3));
    }
  }
}
