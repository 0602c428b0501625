#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "core/util/rng.h"
#include "predictors/autoencoder/products.h"
#include "predictors/onnx_net/attention.h"
#include "predictors/onnx_net/tokens.h"

namespace nas {

struct TextEncoderShape {
  std::size_t vocabulary = 1;
  std::size_t width = 64;  ///< a multiple of TextEncoder::kHeadWidth
  std::size_t layers = 1;
  std::size_t outputs = 1;  ///< the score, then the facts
};

/// A transformer encoder that gives a text a score, and other numbers if asked: embeddings; layers
/// of attention and of a rectified perceptron of twice the width, each normalised before and added;
/// the mean over the tokens, normalised, times a row for each output. Attention adds a learned
/// number for the distance of two tokens, at most kFarthest in each direction, so that longer texts
/// than any before have a meaning (T5: Raffel et al., arXiv 1910.10683, section 2.1). Single
/// precision, one thread.
class TextEncoder {
 public:
  static constexpr std::size_t kFarthest = 32, kHeadWidth = 16;

  TextEncoder() = default;
  TextEncoder(const TextEncoderShape& shape, Rng rng);

  const TextEncoderShape& shape() const { return shape_; }
  const std::vector<float>& parameters() const { return parameters_; }
  std::vector<float>& parameters() { return parameters_; }

  /// One for each text; no text is empty.
  std::vector<float> scores(std::span<const TokenText* const> texts) const;

  /// Gives all words that were not `seen` (by word) the place of the unknown one.
  void forget_unseen(const std::vector<bool>& seen);

  struct Pass;
  /// Outputs, [texts, outputs] with the scores first, and what `backward` needs of them.
  FloatMatrix forward(std::span<const TokenText* const> texts, Pass& pass) const;
  /// Adds to `gradient` the derivative of sum(slope * output) by each parameter; `slopes`: [texts,
  /// outputs].
  void backward(Pass& pass, const FloatMatrix& slopes, std::span<float> gradient) const;

 private:
  struct Layer {
    std::size_t gain1, shift1, qkv, qkv_bias, distance, out, out_bias;
    std::size_t gain2, shift2, up, up_bias, down, down_bias;
  };
  AttentionShape attention_shape(const Pass& pass, std::size_t text) const;
  static float divisor(const Pass& pass, std::size_t text);

  TextEncoderShape shape_;
  std::size_t embedding_ = 0, gain_ = 0, shift_ = 0, head_ = 0;
  std::vector<Layer> layers_;
  std::vector<float> parameters_;
};

/// A batch on its way through, text behind text. Rows are tokens.
struct TextEncoder::Pass {
  struct Layer {
    FloatMatrix standard1, normal1, qkv, mixed;  ///< before, behind the gain; attended
    FloatMatrix standard2, normal2, wide;
    std::vector<float> inverse1, inverse2;
    std::vector<std::vector<float>> weights;  ///< of attention, by text
  };
  TokenText tokens;
  std::vector<std::size_t> starts;  ///< of the texts, and the end
  std::vector<Layer> layers;
  FloatMatrix standard, means, normal_means;  ///< of tokens; of texts, before and behind the gain
  std::vector<float> inverse;
  // Kept from step to step, since fresh memory costs more than small products.
  FloatMatrix rows, branch, slope, inner, other, qkv_slope;
  std::vector<float> turned;
};

}  // namespace nas
