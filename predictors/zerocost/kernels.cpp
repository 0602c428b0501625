#include "predictors/zerocost/kernels.h"

#include <algorithm>
#include <bit>

namespace nas {
namespace {

/// One image, channels last: a row of channel sums at a time, which the compiler vectorises.
void products_of_image(const float* a, const float* g, std::size_t positions, std::size_t channels,
                       float* block, double* sums) {
  // Short float sums, long double ones: exact enough and fast.
  constexpr std::size_t kBlock = 64;
  for (std::size_t begin = 0; begin < positions; begin += kBlock) {
    const std::size_t end = std::min(begin + kBlock, positions);
    for (std::size_t k = 0; k < channels; ++k) block[k] = 0;
    for (std::size_t p = begin; p < end; ++p) {
      const float* ap = a + p * channels;
      const float* gp = g + p * channels;
      for (std::size_t k = 0; k < channels; ++k) block[k] += ap[k] * gp[k];
    }
    for (std::size_t k = 0; k < channels; ++k) sums[k] += static_cast<double>(block[k]);
  }
}

}  // namespace

void channel_products(std::span<const float> a, std::span<const float> g, std::int64_t images,
                      std::int64_t channels, bool channels_last, std::span<double> sums) {
  const auto n = static_cast<std::size_t>(images);
  const auto k = static_cast<std::size_t>(channels);
  const std::size_t positions = a.size() / (n * k);
  std::vector<float> block(k);
  for (std::size_t image = 0; image < n; ++image) {
    const std::size_t at = image * k * positions;
    double* out = sums.data() + image * k;
    if (channels_last) {
      products_of_image(a.data() + at, g.data() + at, positions, k, block.data(), out);
      continue;
    }
    for (std::size_t c = 0; c < k; ++c) {
      const std::size_t row = at + c * positions;
      for (std::size_t p = 0; p < positions; ++p) {
        out[c] += static_cast<double>(a[row + p]) * static_cast<double>(g[row + p]);
      }
    }
  }
}

SignPattern pack_signs(std::span<const float> values, std::int64_t images) {
  SignPattern pattern;
  const auto n = static_cast<std::size_t>(images);
  pattern.units = values.size() / n;
  pattern.words = (pattern.units + 63) / 64;
  pattern.bits.assign(n * pattern.words, 0);
  for (std::size_t image = 0; image < n; ++image) {
    const float* row = values.data() + image * pattern.units;
    std::uint64_t* bits = pattern.bits.data() + image * pattern.words;
    for (std::size_t word = 0; word < pattern.words; ++word) {
      const std::size_t end = std::min<std::size_t>(64, pattern.units - word * 64);
      std::uint64_t packed = 0;
      for (std::size_t i = 0; i < end; ++i) {
        packed |= static_cast<std::uint64_t>(row[word * 64 + i] > 0) << i;
      }
      bits[word] = packed;
    }
  }
  return pattern;
}

void add_agreement(const SignPattern& pattern, std::int64_t images, std::span<double> kernel) {
  const auto n = static_cast<std::size_t>(images);
  for (std::size_t i = 0; i < n; ++i) {
    const std::uint64_t* a = pattern.bits.data() + i * pattern.words;
    for (std::size_t j = i; j < n; ++j) {
      const std::uint64_t* b = pattern.bits.data() + j * pattern.words;
      std::size_t different = 0;
      for (std::size_t w = 0; w < pattern.words; ++w) {
        different += static_cast<std::size_t>(std::popcount(a[w] ^ b[w]));
      }
      const auto equal = static_cast<double>(pattern.units - different);
      kernel[i * n + j] += equal;
      if (i != j) kernel[j * n + i] += equal;
    }
  }
}

void add_signs(std::span<const float> gradient, std::span<float> sums) {
  for (std::size_t i = 0; i < gradient.size(); ++i) {
    sums[i] += static_cast<float>(gradient[i] > 0) - static_cast<float>(gradient[i] < 0);
  }
}

}  // namespace nas
