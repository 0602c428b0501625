#pragma once

#include <cstdint>
#include <span>

namespace nas {

// The inner loops of layers on int8, on numbers widened to 16 bits: what compilers turn into
// multiply-and-add instructions. Of 32-bit sums, as the engine's.

/// out[r, c] = sum over k of left[r, k] right[c, k], for rows of `length`.
void int16_products(std::span<const std::int16_t> left, std::span<const std::int16_t> right,
                    std::int64_t length, std::span<std::int32_t> out);

/// sums[c] += left[c] right[c].
void add_int16_products(const std::int16_t* left, const std::int16_t* right, std::int64_t length,
                        std::int32_t* sums);

}  // namespace nas
