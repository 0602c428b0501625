#include "core/int8/fixed_point.h"

#include <array>
#include <bit>
#include <cmath>

#include "core/util/error.h"

namespace nas {
namespace {

constexpr std::int32_t kOne = std::numeric_limits<std::int32_t>::max();  // of 31 fraction bits
constexpr std::int32_t kOneOf29 = 1 << 29;                               // of 29 fraction bits

std::int32_t fraction(double value, int bits) {
  return static_cast<std::int32_t>(std::llround(std::ldexp(value, bits)));
}

/// exp(x) for x in [-1/4, 0), both of 31 fraction bits: a polynomial around -1/8.
std::int32_t exp_of_quarter(std::int32_t x) {
  static const std::int32_t kAtEighth = fraction(std::exp(-0.125), 31);
  static const std::int32_t kThird = fraction(1.0 / 3, 31);
  const std::int32_t y = x + (1 << 28);
  const std::int32_t y2 = doubling_high_product(y, y);
  const std::int32_t y3 = doubling_high_product(y2, y);
  const std::int32_t y4 = doubling_high_product(y2, y2);
  // y^2/2 + y^3/6 + y^4/24
  const std::int32_t high =
      rounded_shift(doubling_high_product(rounded_shift(y4, 2) + y3, kThird) + y2, 1);
  return kAtEighth + doubling_high_product(kAtEighth, y + high);
}

/// 1 / d of 29 fraction bits by three steps of Newton, for d = (1 + a / 2^31) / 2.
std::int32_t half_reciprocal(std::int32_t a) {
  static const std::int32_t kStart = fraction(48.0 / 17, 29), kSlope = fraction(-32.0 / 17, 29);
  const std::int64_t sum = static_cast<std::int64_t>(a) + kOne;
  const auto half = static_cast<std::int32_t>((sum + (sum >= 0 ? 1 : -1)) / 2);
  std::int32_t x = kStart + doubling_high_product(half, kSlope);
  for (int step = 0; step < 3; ++step) {
    const std::int32_t rest = kOneOf29 - doubling_high_product(half, x);
    x += saturated_shift(doubling_high_product(x, rest), 2);
  }
  return x;
}

}  // namespace

FixedMultiplier fixed_multiplier(double factor) {
  NAS_CHECK(std::isfinite(factor) && factor >= 0, "a factor is a number, not below zero");
  if (factor == 0) return {};
  int exponent = 0;
  std::int64_t mantissa = std::llround(std::ldexp(std::frexp(factor, &exponent), 31));
  if (mantissa == std::int64_t{1} << 31) {
    mantissa /= 2;
    ++exponent;
  }
  if (exponent < -31) return {};
  return {static_cast<std::int32_t>(mantissa), exponent};
}

std::int32_t fixed_exp(std::int32_t a) {
  if (a == 0) return kOne;
  // a = -(quarters) + rest with rest in [-1/4, 0); e^-quarters bit by bit.
  constexpr std::int32_t kQuarter = 1 << 24;
  const std::int32_t rest = (a & (kQuarter - 1)) - kQuarter;
  const std::int32_t quarters = rest - a;
  static const std::array<std::int32_t, 7> kPowers = [] {
    std::array<std::int32_t, 7> powers{};
    for (int i = 0; i < 7; ++i) {
      powers[static_cast<std::size_t>(i)] = fraction(std::exp(-std::ldexp(1.0, i - 2)), 31);
    }
    return powers;
  }();
  std::int32_t result = exp_of_quarter(saturated_shift(rest, 5));
  for (std::size_t bit = 0; bit < kPowers.size(); ++bit) {
    if ((quarters & (kQuarter << bit)) != 0) result = doubling_high_product(result, kPowers[bit]);
  }
  return result;
}

std::int32_t fixed_reciprocal(std::int32_t a) {
  return saturated_shift(half_reciprocal(a), 1);
}

FixedMultiplier fixed_inverse_root(std::int32_t value) {
  if (value <= 1) return {kOne, 0};
  int exponent = -11;
  for (; value >= 1 << 29; value /= 4) --exponent;
  // As many pairs of bits to the left as leave two: a number of 3 integer bits in [1/4, 1).
  const int pairs = (std::countl_zero(static_cast<std::uint32_t>(value)) - 1) / 2 - 1;
  exponent += pairs;
  value <<= 2 * pairs;
  const std::int32_t half = rounded_shift(value >> 1, 1);
  constexpr std::int32_t kThreeHalves = (1 << 28) + (1 << 27);
  std::int32_t x = 1 << 28;
  for (int step = 0; step < 5; ++step) {
    const std::int32_t square = doubling_high_product(x, x);
    const std::int32_t cube = saturated_shift(doubling_high_product(square, x), 6);
    x = saturated_shift(doubling_high_product(kThreeHalves, x) - doubling_high_product(half, cube),
                        3);
  }
  constexpr std::int32_t kHalfRootOfTwo = 1518500250;
  x = doubling_high_product(x, kHalfRootOfTwo);
  if (exponent > 0) return {saturated_shift(x, exponent), 0};
  return {x, exponent};
}

std::int32_t fixed_tanh_ratio(std::int32_t a) {
  return saturated_shift(half_reciprocal(a) - kOneOf29, 2);
}

}  // namespace nas
