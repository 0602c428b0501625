#include "core/util/adam.h"

#include <doctest/doctest.h>

#include <cmath>
#include <vector>

using namespace nas;

// The first step of Adam is the rate in each direction, whatever the scale of the gradient (Kingma
// and Ba, section 2.1); a constant gradient keeps that pace.
TEST_CASE_TEMPLATE("adam: steps of constant gradients have the size of the rate", T, float,
                   double) {
  for (const double scale : {1e-3, 1.0, 1e3}) {
    Adam<T> adam({.rate = 0.01});
    std::vector<T> parameters = {0, 0};
    const std::vector<T> gradient = {static_cast<T>(scale), static_cast<T>(-scale)};
    for (int step = 1; step <= 10; ++step) {
      adam.step(parameters, gradient);
      CHECK(static_cast<double>(parameters[0]) == doctest::Approx(-0.01 * step).epsilon(1e-4));
      CHECK(static_cast<double>(parameters[1]) == doctest::Approx(0.01 * step).epsilon(1e-4));
    }
  }
}

TEST_CASE("adam: decay is added to the gradient, and a state continues exactly") {
  const std::vector<double> gradients = {3, -1, 0.5, 4, -2};
  Adam<double> with({.rate = 0.1, .beta1 = 0.5, .epsilon = 1e-3, .decay = 0.3});
  Adam<double> by_hand({.rate = 0.1, .beta1 = 0.5, .epsilon = 1e-3});
  std::vector<double> a = {1}, b = {1};
  for (std::size_t t = 0; t < gradients.size(); ++t) {
    if (t == 2) {
      Adam<double> other({.rate = 0.1, .beta1 = 0.5, .epsilon = 1e-3, .decay = 0.3});
      other.state() = with.state();
      with = other;
    }
    with.step(a, std::vector{gradients[t]});
    by_hand.step(b, std::vector{gradients[t] + 0.3 * b[0]});
    CHECK(a[0] == doctest::Approx(b[0]).epsilon(1e-14));
  }
}

// Algorithm 1 written out: sums of all gradients instead of running moments.
TEST_CASE("adam: equals the weighted means of all gradients, and decays apart from them") {
  const std::vector<double> gradients = {3, -1, 0.5, 4, -2};
  constexpr double kRate = 0.1, kBeta1 = 0.8, kBeta2 = 0.95, kDecay = 0.3;
  Adam<double> adam({.rate = kRate, .beta1 = kBeta1, .beta2 = kBeta2});
  std::vector<double> parameter = {1};
  double expected = 1;
  for (std::size_t t = 1; t <= gradients.size(); ++t) {
    double first = 0, second = 0, weight1 = 0, weight2 = 0;
    for (std::size_t i = 1; i <= t; ++i) {
      const double w1 = std::pow(kBeta1, static_cast<double>(t - i));
      const double w2 = std::pow(kBeta2, static_cast<double>(t - i));
      first += w1 * gradients[i - 1];
      second += w2 * gradients[i - 1] * gradients[i - 1];
      weight1 += w1;
      weight2 += w2;
    }
    expected = expected * (1 - kRate * kDecay) -
               kRate * (first / weight1) / (std::sqrt(second / weight2) + 1e-8);
    const std::vector<double> gradient = {gradients[t - 1]};
    adam.step(parameter, gradient, kDecay);
    CHECK(parameter[0] == doctest::Approx(expected).epsilon(1e-12));
  }
}
