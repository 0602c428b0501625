#include "predictors/onnx_net/attention.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>

#include "predictors/autoencoder/products.h"

namespace nas {
namespace {

/// e^x for x <= 0 to 1e-7 of the result, in operations that a compiler makes vectors of: 2^n by the
/// exponent's bits, times a polynomial on [-1/2, 1/2].
[[gnu::always_inline]] inline float exp_of(float x) {
  constexpr float kLeast = -87, kRound = 12582912;  // 1.5 * 2^23: adding it rounds to a whole
  const float scaled = std::max(x, kLeast) * 1.44269504F;
  const float whole = (scaled + kRound) - kRound;
  const float r = (scaled - whole) * 0.693147181F;
  const float power =
      1 +
      r * (1 + r * (0.5F + r * (0.166666667F +
                                r * (0.0416666667F + r * (0.00833333333F + r * 0.00138888889F)))));
  const auto bits = static_cast<std::uint32_t>(static_cast<std::int32_t>(whole) + 127) << 23;
  return power * std::bit_cast<float>(bits);
}

constexpr std::size_t kLanes = 8;
using Lanes = float __attribute__((vector_size(4 * kLanes)));

[[gnu::always_inline]] inline void load(const float* from, Lanes& lanes) {
  std::memcpy(&lanes, from, sizeof lanes);
}

/// A row of products becomes weights: all `shape.row()` numbers are set. Sums and the largest are
/// taken in eight parts, which a compiler may not do by itself.
[[gnu::always_inline]] inline void soften(const AttentionShape& shape, float factor,
                                          const float* distance, float* row) {
  constexpr float kNever = -1e30F;
  for (std::size_t j = 0; j < shape.tokens; ++j) row[j] = row[j] * factor + distance[j];
  for (std::size_t j = shape.tokens; j < shape.row(); ++j) row[j] = kNever;
  Lanes largest, next, sums{};
  load(row, largest);
  for (std::size_t j = kLanes; j < shape.row(); j += kLanes) {
    load(row + j, next);
    largest = next > largest ? next : largest;
  }
  float most = kNever, total = 0;
  for (std::size_t k = 0; k < kLanes; ++k) most = std::max(most, largest[k]);
  for (std::size_t j = 0; j < shape.row(); ++j) row[j] = exp_of(row[j] - most);
  for (std::size_t j = shape.tokens; j < shape.row(); ++j) row[j] = 0;
  for (std::size_t j = 0; j < shape.row(); j += kLanes) {
    load(row + j, next);
    sums += next;
  }
  for (std::size_t k = 0; k < kLanes; ++k) total += sums[k];
  const float share = 1 / total;
  for (std::size_t j = 0; j < shape.row(); ++j) row[j] *= share;
}

[[gnu::target("avx2,fma")]] void soften_avx2(const AttentionShape& shape, float factor,
                                             const float* distance, float* row) {
  soften(shape, factor, distance, row);
}
void soften_baseline(const AttentionShape& shape, float factor, const float* distance, float* row) {
  soften(shape, factor, distance, row);
}

/// One head's part of a matrix with rows of `step`, as a matrix of its own; rows of zeros follow.
void take(const float* from, std::size_t step, std::size_t width, std::size_t rows,
          std::size_t all_rows, std::vector<float>& to) {
  to.assign(all_rows * width, 0.0F);
  for (std::size_t i = 0; i < rows; ++i) std::copy_n(from + i * step, width, to.data() + i * width);
}

/// The same, as columns.
void take_turned(const float* from, std::size_t step, std::size_t width, std::size_t rows,
                 std::size_t all_rows, std::vector<float>& to) {
  to.assign(all_rows * width, 0.0F);
  for (std::size_t i = 0; i < rows; ++i) {
    for (std::size_t k = 0; k < width; ++k) to[k * all_rows + i] = from[i * step + k];
  }
}

void put(const std::vector<float>& from, std::size_t width, std::size_t rows, float* to,
         std::size_t step) {
  for (std::size_t i = 0; i < rows; ++i) std::copy_n(from.data() + i * width, width, to + i * step);
}

}  // namespace

void attend(const AttentionShape& shape, const float* qkv, const float* distance, float* weights,
            float* out) {
  static const bool kAvx2 =
      __builtin_cpu_supports("avx2") != 0 && __builtin_cpu_supports("fma") != 0;
  const std::size_t tokens = shape.tokens, row = shape.row(), width = shape.head_width();
  const std::size_t step = 3 * shape.width;
  const float factor = 1 / std::sqrt(static_cast<float>(width));
  std::vector<float> keys, values, own(tokens * width), far(2 * tokens - 1);
  const auto middle = static_cast<std::ptrdiff_t>(tokens) - 1;
  const auto most = static_cast<std::ptrdiff_t>(shape.farthest);
  for (std::size_t head = 0; head < shape.heads; ++head) {
    const float* query = qkv + head * width;
    take_turned(query + shape.width, step, width, tokens, row, keys);
    take(query + 2 * shape.width, step, width, tokens, row, values);
    for (std::ptrdiff_t d = -middle; d <= middle; ++d) {
      far[static_cast<std::size_t>(d + middle)] =
          distance[head * shape.distances() +
                   static_cast<std::size_t>(std::clamp(d, -most, most) + most)];
    }
    float* own_weights = weights + head * tokens * row;
    multiply({tokens, width, row}, {query, step, 1}, keys.data(), own_weights);
    for (std::size_t i = 0; i < tokens; ++i) {
      (kAvx2 ? soften_avx2 : soften_baseline)(shape, factor, far.data() + (tokens - 1 - i),
                                              own_weights + i * row);
    }
    multiply({tokens, row, width}, {own_weights, row, 1}, values.data(), own.data());
    put(own, width, tokens, out + head * width, shape.width);
  }
}

void attend_backward(const AttentionShape& shape, const float* qkv, const float* weights,
                     const float* out_slope, float* qkv_slope, float* distance_slope) {
  const std::size_t tokens = shape.tokens, row = shape.row(), width = shape.head_width();
  const std::size_t step = 3 * shape.width;
  const float factor = 1 / std::sqrt(static_cast<float>(width));
  const auto most = static_cast<std::ptrdiff_t>(shape.farthest);
  std::vector<float> queries, keys, values, outs, slope(tokens * row), far(tokens + row);
  std::vector<float> piece(row * width);
  for (std::size_t head = 0; head < shape.heads; ++head) {
    const float* query = qkv + head * width;
    const float* own_weights = weights + head * tokens * row;
    take(query, step, width, tokens, tokens, queries);
    take(query + shape.width, step, width, tokens, row, keys);
    take_turned(query + 2 * shape.width, step, width, tokens, row, values);
    take(out_slope + head * width, shape.width, width, tokens, tokens, outs);
    multiply({tokens, width, row}, {outs.data(), width, 1}, values.data(), slope.data());
    float* to = qkv_slope + head * width;
    multiply({tokens, tokens, width}, {own_weights, 1, row}, outs.data(), piece.data());
    put(piece, width, tokens, to + 2 * shape.width, step);
    std::fill(far.begin(), far.end(), 0.0F);
    for (std::size_t i = 0; i < tokens; ++i) {
      const float* w = own_weights + i * row;
      float* s = slope.data() + i * row;
      Lanes left, right, sums{};
      for (std::size_t j = 0; j < row; j += kLanes) {
        load(w + j, left);
        load(s + j, right);
        sums += left * right;
      }
      float mean = 0;
      for (std::size_t k = 0; k < kLanes; ++k) mean += sums[k];
      for (std::size_t j = 0; j < row; ++j) s[j] = w[j] * (s[j] - mean);
      float* f = far.data() + (tokens - 1 - i);
      for (std::size_t j = 0; j < tokens; ++j) f[j] += s[j];
      for (std::size_t j = 0; j < row; ++j) s[j] *= factor;
    }
    for (std::size_t at = 0; at + 1 < 2 * tokens; ++at) {
      const auto d = static_cast<std::ptrdiff_t>(at) - static_cast<std::ptrdiff_t>(tokens) + 1;
      distance_slope[head * shape.distances() +
                     static_cast<std::size_t>(std::clamp(d, -most, most) + most)] += far[at];
    }
    multiply({tokens, row, width}, {slope.data(), row, 1}, keys.data(), piece.data());
    put(piece, width, tokens, to, step);
    multiply({tokens, tokens, width}, {slope.data(), 1, row}, queries.data(), piece.data());
    put(piece, width, tokens, to + shape.width, step);
  }
}

}  // namespace nas
