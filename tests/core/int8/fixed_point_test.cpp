#include "core/int8/fixed_point.h"

#include <doctest/doctest.h>

#include <cmath>

#include "core/util/rng.h"

namespace nas {
namespace {

double value_of(const FixedMultiplier& factor) {
  return std::ldexp(static_cast<double>(factor.mantissa), factor.exponent - 31);
}

}  // namespace

TEST_CASE("fixed point: a factor is a 31-bit mantissa and an exponent") {
  CHECK(fixed_multiplier(1) == FixedMultiplier{1 << 30, 1});
  CHECK(fixed_multiplier(0.5) == FixedMultiplier{1 << 30, 0});
  CHECK(fixed_multiplier(0) == FixedMultiplier{});
  CHECK(fixed_multiplier(std::ldexp(1.0, -40)) == FixedMultiplier{});
  // Rounds up to the next power of two.
  CHECK(fixed_multiplier(1 - std::ldexp(1.0, -40)) == FixedMultiplier{1 << 30, 1});
  for (double factor = 1e-9; factor < 1e9; factor *= 1.7) {
    CHECK(value_of(fixed_multiplier(factor)) == doctest::Approx(factor).epsilon(1e-9));
  }
}

TEST_CASE("fixed point: an inverse root has 30 good bits") {
  for (const std::int32_t value :
       {1, 2, 3, 4, 7, 100, 255, 12'345, 1 << 28, 1 << 29, 2'000'000'000}) {
    CAPTURE(value);
    CHECK(value_of(fixed_inverse_root(value)) ==
          doctest::Approx(1 / std::sqrt(static_cast<double>(value))).epsilon(1e-6));
  }
}

TEST_CASE("fixed point: products and shifts round as the engine's do") {
  CHECK(doubling_high_product(1 << 30, 3) == 2);    // 1.5 up
  CHECK(doubling_high_product(1 << 30, -3) == -1);  // -1.5 up
  CHECK(doubling_high_product(INT32_MIN, INT32_MIN) == INT32_MAX);
  CHECK(rounded_shift(3, 1) == 2);    // 1.5 away from zero
  CHECK(rounded_shift(-3, 1) == -2);  // -1.5 away from zero
  CHECK(rounded_shift(-5, 2) == -1);
  CHECK(rounded_shift(INT32_MIN, 31) == -1);
  CHECK(saturated_shift(1 << 30, 2) == INT32_MAX);
}

TEST_CASE("fixed point: a scaled integer is within one of the real product") {
  Rng rng({.seed = 3, .purpose = Purpose::kTest});
  for (int i = 0; i < 1000; ++i) {
    const double factor = std::exp(rng.uniform() * 12 - 10);
    const auto value = static_cast<std::int32_t>((rng.uniform() - 0.5) * 2e6);
    const double exact = factor * value;
    if (std::abs(exact) > 1e9) continue;
    CHECK(std::abs(multiplied(value, fixed_multiplier(factor)) - exact) <= 1.0);
  }
}

TEST_CASE("fixed point: exponential, reciprocal and ratio follow their functions") {
  const double one = std::ldexp(1.0, 31);
  for (double x = -31.9; x <= 0; x += 0.0371) {
    const auto a = static_cast<std::int32_t>(x * std::ldexp(1.0, 26));
    CHECK(fixed_exp(a) / one == doctest::Approx(std::exp(x)).epsilon(1e-6).scale(1e-2));
  }
  for (double x = 0; x < 1; x += 0.0137) {
    const auto a = static_cast<std::int32_t>(x * one);
    CHECK(fixed_reciprocal(a) / one == doctest::Approx(1 / (1 + x)).epsilon(1e-6));
    CHECK(fixed_tanh_ratio(a) / one == doctest::Approx((1 - x) / (1 + x)).epsilon(1e-6).scale(1));
  }
}

}  // namespace nas
