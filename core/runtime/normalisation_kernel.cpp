#include "core/runtime/normalisation_kernel.h"

#include <algorithm>
#include <vector>

namespace nas {
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

}  // namespace nas
