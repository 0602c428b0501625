#include "core/util/gamma.h"

#include <algorithm>
#include <cmath>

namespace nas {

namespace {

/// From here on the asymptotic series of digamma and trigamma are exact to rounding.
constexpr double kAsymptotic = 10;

}  // namespace

double digamma(double x) {
  double shift = 0;
  for (; x < kAsymptotic; ++x) shift -= 1 / x;
  const double y = 1 / (x * x);
  // Bernoulli numbers over 2n: Abramowitz and Stegun, 6.3.18.
  const double series =
      y * (1.0 / 12 - y * (1.0 / 120 - y * (1.0 / 252 - y * (1.0 / 240 - y * 1.0 / 132))));
  return shift + std::log(x) - 0.5 / x - series;
}

double trigamma(double x) {
  double shift = 0;
  for (; x < kAsymptotic; ++x) shift += 1 / (x * x);
  const double y = 1 / (x * x);
  // Abramowitz and Stegun, 6.4.12.
  const double series =
      y * (1.0 / 6 - y * (1.0 / 30 - y * (1.0 / 42 - y * (1.0 / 30 - y * 5 / 66))));
  return shift + (1 + 0.5 / x + series) / x;
}

double gamma_draw(double shape, Rng& rng) {
  constexpr double kSmallest = 1e-300;
  if (shape < 1) {
    const double larger = gamma_draw(shape + 1, rng);
    return std::max(kSmallest, larger * std::pow(1 - rng.uniform(), 1 / shape));
  }
  const double d = shape - 1.0 / 3;
  const double c = 1 / std::sqrt(9 * d);
  for (;;) {
    const double normal = rng.normal();
    const double root = 1 + c * normal;
    if (root <= 0) continue;
    const double v = root * root * root;
    const double u = 1 - rng.uniform();  // in (0, 1]
    if (std::log(u) < 0.5 * normal * normal + d - d * v + d * std::log(v)) {
      return std::max(kSmallest, d * v);
    }
  }
}

double gamma_gradient(double shape, double x) {
  const double log_x = std::log(x);
  // Far in the upper tail the series cancels; there Q(a, x) is the density times an asymptotic
  // series (Abramowitz and Stegun, 6.5.32), of which the terms up to the smallest are taken.
  if (x > shape + 12 * std::sqrt(shape) + 12) {
    double term = 1, slope = 0;  // of the term by the shape
    double sum = 1, slopes = 0;
    for (int k = 1; k < x; ++k) {
      slope = (slope * (shape - k) + term) / x;
      term *= (shape - k) / x;
      sum += term;
      slopes += slope;
    }
    return sum * (log_x - digamma(shape)) + slopes;
  }
  // P(a, x) = sum of x^(a+n) e^-x / Gamma(a+n+1), differentiated term by term; the density is taken
  // out of every term.
  double term = x / shape;
  double psi = digamma(shape + 1);
  double sum = 0;
  for (int n = 0;; ++n) {
    const double added = term * (psi - log_x);
    sum += added;
    if (n > x && std::abs(added) < 1e-16 * std::abs(sum)) break;
    if (n > 10'000) break;
    psi += 1 / (shape + n + 1);
    term *= x / (shape + n + 1);
  }
  return sum;
}

}  // namespace nas
