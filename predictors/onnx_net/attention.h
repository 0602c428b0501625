#pragma once

#include <cstddef>
#include <vector>

namespace nas {

/// Attention within one text. Tokens are rows; a row of `qkv` is the query, the key and the value
/// of all heads, one behind the other: [tokens, 3 width].
///   weight(i, j) = softmax over j of (q_i . k_j / sqrt(width / heads) + distance(j - i))
///   out_i = sum over j of weight(i, j) v_j,   for each head by itself
struct AttentionShape {
  std::size_t tokens = 0, width = 0, heads = 0;
  std::size_t farthest = 0;  ///< distances beyond count as this

  std::size_t head_width() const { return width / heads; }
  /// Numbers in a row of weights: whole vectors, zero behind the tokens.
  std::size_t row() const { return (tokens + 15) / 16 * 16; }
  std::size_t weights() const { return heads * tokens * row(); }
  std::size_t distances() const { return 2 * farthest + 1; }
};

/// `distance`: [heads, distances]; `weights`: [heads, tokens, row] is set; `out`: [tokens, width].
/// The head's width must be a multiple of 16.
void attend(const AttentionShape& shape, const float* qkv, const float* distance, float* weights,
            float* out);

/// Sets `qkv_slope` to the derivative by qkv; adds that by the distances to `distance_slope`.
void attend_backward(const AttentionShape& shape, const float* qkv, const float* weights,
                     const float* out_slope, float* qkv_slope, float* distance_slope);

}  // namespace nas
