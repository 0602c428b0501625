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

namespace {

/// Sums over the rows of one channel; h is the normalised x.
struct ChannelSums {
  std::vector<double> v, gy, vh, gyh, vgy;
  explicit ChannelSums(std::size_t n) : v(n), gy(n), vh(n), gyh(n), vgy(n) {}
};

ChannelSums sum_channels(const NormalisationData& d) {
  constexpr std::size_t kBlock = 64;  // short float sums, long double ones
  const std::size_t n = d.channels;
  ChannelSums sums(n);
  std::vector<float> part(5 * n);
  float* __restrict p = part.data();
  for (std::size_t begin = 0; begin < d.rows; begin += kBlock) {
    std::fill(part.begin(), part.end(), 0.0F);
    for (std::size_t row = begin; row < std::min(begin + kBlock, d.rows); ++row) {
      const float *x = d.x + row * n, *v = d.v + row * n, *gy = d.gy + row * n;
      for (std::size_t k = 0; k < n; ++k) {
        const float h = (x[k] - d.mean[k]) * d.invstd[k];
        p[k] += v[k];
        p[n + k] += gy[k];
        p[2 * n + k] += v[k] * h;
        p[3 * n + k] += gy[k] * h;
        p[4 * n + k] += v[k] * gy[k];
      }
    }
    std::vector<double>* const totals[] = {&sums.v, &sums.gy, &sums.vh, &sums.gyh, &sums.vgy};
    for (std::size_t s = 0; s < 5; ++s) {
      for (std::size_t k = 0; k < n; ++k) (*totals[s])[k] += static_cast<double>(p[s * n + k]);
    }
  }
  return sums;
}

/// Both results are linear in (v, gy, h, 1), channel by channel; `p`: [8, channels].
void apply_second_order(const NormalisationData& d, const float* __restrict p) {
  const std::size_t n = d.channels;
  for (std::size_t row = 0; row < d.rows; ++row) {
    const float *x = d.x + row * n, *v = d.v + row * n, *gy = d.gy + row * n;
    float* __restrict by_gy = d.by_gy + row * n;
    for (std::size_t k = 0; k < n; ++k) {
      const float h = (x[k] - d.mean[k]) * d.invstd[k];
      by_gy[k] = p[k] * v[k] + p[n + k] * h + p[2 * n + k];
    }
    if (d.by_x == nullptr) continue;
    float* __restrict by_x = d.by_x + row * n;
    for (std::size_t k = 0; k < n; ++k) {
      const float h = (x[k] - d.mean[k]) * d.invstd[k];
      by_x[k] = p[3 * n + k] * v[k] + p[4 * n + k] * gy[k] + p[5 * n + k] * h + p[6 * n + k];
    }
  }
}

}  // namespace

// With h = (x - mean) s, m() the mean over the rows, a = m(v h), b = m(gy h) and
// Q = m(v gy) - m(v) m(gy) - a b:
//   <v, gx> = w s rows Q,
//   by gy:   w s (v - m(v) - h a),
//   by x:   -w s^2 (b (v - m(v)) + a (gy - m(gy)) + h (Q - 2 a b)).
void normalisation_second_order(const NormalisationData& d) {
  const std::size_t n = d.channels;
  const ChannelSums sums = sum_channels(d);
  std::vector<float> c(8 * n);
  for (std::size_t k = 0; k < n; ++k) {
    const auto rows = static_cast<double>(d.rows);
    const double mv = sums.v[k] / rows, mg = sums.gy[k] / rows;
    const double a = sums.vh[k] / rows, b = sums.gyh[k] / rows;
    const double q = sums.vgy[k] / rows - mv * mg - a * b;
    const auto s = static_cast<double>(d.invstd[k]);
    const double ws = static_cast<double>(d.weight[k]) * s;
    const double values[8] = {ws,
                              -ws * a,
                              -ws * mv,
                              -ws * s * b,
                              -ws * s * a,
                              -ws * s * (q - 2 * a * b),
                              ws * s * (b * mv + a * mg),
                              0};
    for (std::size_t i = 0; i < 8; ++i) c[i * n + k] = static_cast<float>(values[i]);
  }
  apply_second_order(d, c.data());
}

void add_signs(std::span<const float> gradient, std::span<float> sums) {
  for (std::size_t i = 0; i < gradient.size(); ++i) {
    sums[i] += static_cast<float>(gradient[i] > 0) - static_cast<float>(gradient[i] < 0);
  }
}

}  // namespace nas
