#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>

namespace nas {

// The integer arithmetic of TensorFlow Lite Micro, to the bit (shared with gemmlowp). Real factors
// are 31-bit mantissas with an exponent; a result is rounded twice, once by each function below.

/// value = mantissa 2^(exponent - 31), with a mantissa in [2^30, 2^31), or 0.
struct FixedMultiplier {
  std::int32_t mantissa = 0;
  int exponent = 0;
  friend bool operator==(const FixedMultiplier&, const FixedMultiplier&) = default;
};

/// The nearest, halves up; 0 below 2^-32. Requires a finite factor >= 0.
FixedMultiplier fixed_multiplier(double factor);

/// 2 a b / 2^32, rounded to nearest, halves up; the one product that does not fit is the largest
/// int32.
inline std::int32_t doubling_high_product(std::int32_t a, std::int32_t b) {
  if (a == std::numeric_limits<std::int32_t>::min() && b == a) {
    return std::numeric_limits<std::int32_t>::max();
  }
  const std::int64_t product = static_cast<std::int64_t>(a) * b;
  return static_cast<std::int32_t>((product + (std::int64_t{1} << 30)) >> 31);
}

/// value / 2^exponent, rounded to nearest, halves away from zero. 0 <= exponent < 32.
inline std::int32_t rounded_shift(std::int32_t value, int exponent) {
  if (exponent == 0) return value;
  const std::int64_t half = std::int64_t{1} << (exponent - 1);
  const std::int64_t nudged = static_cast<std::int64_t>(value) + half - (value < 0 ? 1 : 0);
  return static_cast<std::int32_t>(nudged >> exponent);
}

/// value 2^exponent, cut to the range of int32.
inline std::int32_t saturated_shift(std::int32_t value, int exponent) {
  const std::int64_t wide = static_cast<std::int64_t>(value) << exponent;
  return static_cast<std::int32_t>(std::clamp<std::int64_t>(
      wide, std::numeric_limits<std::int32_t>::min(), std::numeric_limits<std::int32_t>::max()));
}

/// value 2^exponent in 32 bits: what does not fit is lost, as it is there.
inline std::int32_t wrapped_shift(std::int32_t value, int exponent) {
  return static_cast<std::int32_t>(static_cast<std::uint32_t>(value) << exponent);
}

inline std::int32_t multiplied(std::int32_t value, const FixedMultiplier& factor) {
  const std::int32_t shifted = wrapped_shift(value, std::max(factor.exponent, 0));
  return rounded_shift(doubling_high_product(shifted, factor.mantissa),
                       std::max(-factor.exponent, 0));
}

/// Of a 64-bit sum, which layers on int16 activations have: the mantissa is cut to 16 bits and the
/// result is rounded once.
inline std::int32_t multiplied(std::int64_t value, const FixedMultiplier& factor) {
  const std::int64_t mantissa =
      factor.mantissa < 0x7FFF0000 ? (factor.mantissa + (1 << 15)) >> 16 : 0x7FFF;
  const int shift = 15 - factor.exponent;
  return static_cast<std::int32_t>((value * mantissa + (std::int64_t{1} << (shift - 1))) >> shift);
}

/// exp(a / 2^26) as a fraction of 2^31, for a <= 0 (5 integer bits).
std::int32_t fixed_exp(std::int32_t a);
/// 1 / (1 + a / 2^31) as a fraction of 2^31, for a >= 0.
std::int32_t fixed_reciprocal(std::int32_t a);
/// 1 / sqrt(value), for a value >= 1.
FixedMultiplier fixed_inverse_root(std::int32_t value);
/// (1 - a / 2^31) / (1 + a / 2^31) likewise.
std::int32_t fixed_tanh_ratio(std::int32_t a);

}  // namespace nas
