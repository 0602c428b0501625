#include "core/util/gamma.h"

#include <doctest/doctest.h>

#include <cmath>

namespace nas {
namespace {

TEST_CASE("digamma and trigamma: values in closed form") {
  constexpr double kEuler = 0.57721566490153286;
  constexpr double kPi = 3.14159265358979324;
  CHECK(digamma(1) == doctest::Approx(-kEuler).epsilon(1e-12));
  CHECK(digamma(0.5) == doctest::Approx(-kEuler - 2 * std::log(2)).epsilon(1e-12));
  CHECK(digamma(4) == doctest::Approx(1 + 0.5 + 1.0 / 3 - kEuler).epsilon(1e-12));
  CHECK(trigamma(1) == doctest::Approx(kPi * kPi / 6).epsilon(1e-12));
  CHECK(trigamma(0.5) == doctest::Approx(kPi * kPi / 2).epsilon(1e-12));
  CHECK(digamma(50) == doctest::Approx(std::log(50) - 0.01 - 1.0 / 30000).epsilon(1e-9));
}

TEST_CASE("gamma draws have mean and variance of their shape") {
  for (const double shape : {0.3, 1.0, 4.5}) {
    Rng rng(RngKey{.seed = 6});
    constexpr int kDraws = 100'000;
    double sum = 0, square = 0;
    for (int i = 0; i < kDraws; ++i) {
      const double x = gamma_draw(shape, rng);
      REQUIRE(x > 0);
      sum += x;
      square += x * x;
    }
    const double mean = sum / kDraws;
    CHECK(mean == doctest::Approx(shape).epsilon(0.02));
    CHECK(square / kDraws - mean * mean == doctest::Approx(shape).epsilon(0.04));
  }
}

// Shape 1 is the exponential distribution: P(1, x) = 1 - e^-x. By the recurrence of the incomplete
// gamma function P(a + 1, x) - P(a, x) = -x^a e^-x / Gamma(a + 1), and of its derivative.
TEST_CASE("gamma gradients follow from the distribution function") {
  // Simpson's rule for P(a, x), with t = s^4 / 1 so that the density has no pole.
  const auto distribution = [](double a, double x) {
    constexpr int kSteps = 4000;
    const double end = std::pow(x, 0.25);
    double sum = 0;
    for (int i = 0; i <= kSteps; ++i) {
      const double s = end * i / kSteps;
      const double t = s * s * s * s;
      const double f = i == 0 ? 0 : std::exp((a - 1) * std::log(t) - t) * 4 * s * s * s;
      sum += f * (i == 0 || i == kSteps ? 1 : i % 2 == 1 ? 4 : 2);
    }
    return sum * end / (3.0 * kSteps) / std::tgamma(a);
  };
  for (const double a : {0.7, 1.0, 2.5, 6.0}) {
    for (const double x : {0.05, 0.4, 1.0, 3.0, 9.0}) {
      CAPTURE(a);
      CAPTURE(x);
      constexpr double kStep = 1e-4;
      const double by_shape =
          (distribution(a + kStep, x) - distribution(a - kStep, x)) / (2 * kStep);
      const double density = std::exp((a - 1) * std::log(x) - x) / std::tgamma(a);
      CHECK(gamma_gradient(a, x) == doctest::Approx(-by_shape / density).epsilon(1e-4));
    }
  }
  // Q(2, x) is the density times 1 + 1 / x; the slope of that factor is 1 / x + 1 / x^2 - ...
  CHECK(gamma_gradient(2, 60) ==
        doctest::Approx(61.0 / 60 * (std::log(60) - digamma(2)) + 1.0 / 60 + 1.0 / 3600)
            .epsilon(1e-5));
}

}  // namespace
}  // namespace nas
