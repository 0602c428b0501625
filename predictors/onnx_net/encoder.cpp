#include "predictors/onnx_net/encoder.h"

#include <algorithm>
#include <cmath>

#include "core/util/error.h"

namespace nas {
namespace {

constexpr float kEpsilon = 1e-5F;
constexpr std::size_t kWidening = 2;

/// (x - mean) / deviation of each row; the deviations' inverses are kept.
void standardise(const FloatMatrix& x, FloatMatrix& result, std::vector<float>& inverse) {
  result.resize(x.rows, x.columns);
  inverse.resize(x.rows);
  const auto width = static_cast<float>(x.columns);
  for (std::size_t i = 0; i < x.rows; ++i) {
    const float* from = x.row(i);
    float* to = result.row(i);
    float sum = 0, squares = 0;
    for (std::size_t k = 0; k < x.columns; ++k) sum += from[k];
    const float mean = sum / width;
    for (std::size_t k = 0; k < x.columns; ++k) {
      to[k] = from[k] - mean;
      squares += to[k] * to[k];
    }
    inverse[i] = 1 / std::sqrt(squares / width + kEpsilon);
    for (std::size_t k = 0; k < x.columns; ++k) to[k] *= inverse[i];
  }
}

void stretch(const FloatMatrix& x, const float* gain, const float* shift, FloatMatrix& result) {
  result.resize(x.rows, x.columns);
  for (std::size_t i = 0; i < x.rows; ++i) {
    const float* from = x.row(i);
    float* to = result.row(i);
    for (std::size_t k = 0; k < x.columns; ++k) to[k] = from[k] * gain[k] + shift[k];
  }
}

/// `slope`: by the stretched rows; becomes that by the rows before they were standardised.
void standardise_backward(const FloatMatrix& standard, const std::vector<float>& inverse,
                          const float* gain, float* gain_slope, float* shift_slope,
                          FloatMatrix& slope) {
  const auto width = static_cast<float>(slope.columns);
  for (std::size_t i = 0; i < slope.rows; ++i) {
    const float* x = standard.row(i);
    float* s = slope.row(i);
    float mean = 0, along = 0;
    for (std::size_t k = 0; k < slope.columns; ++k) {
      gain_slope[k] += s[k] * x[k];
      shift_slope[k] += s[k];
      s[k] *= gain[k];
    }
    for (std::size_t k = 0; k < slope.columns; ++k) {
      mean += s[k];
      along += s[k] * x[k];
    }
    mean /= width;
    along /= width;
    for (std::size_t k = 0; k < slope.columns; ++k) {
      s[k] = inverse[i] * (s[k] - mean - x[k] * along);
    }
  }
}

/// y = x W + b.
void linear(const FloatMatrix& x, const float* weight, const float* bias, std::size_t columns,
            FloatMatrix& y) {
  y.resize(x.rows, columns);
  for (std::size_t i = 0; i < x.rows; ++i) std::copy_n(bias, columns, y.row(i));
  multiply({x.rows, x.columns, columns}, {x.values.data(), x.columns, 1}, weight, y.values.data(),
           true);
}

/// Adds to the slopes of weight and bias; sets that of x.
void linear_backward(const FloatMatrix& x, const float* weight, const FloatMatrix& slope,
                     float* weight_slope, float* bias_slope, FloatMatrix& x_slope,
                     std::vector<float>& turned) {
  multiply({x.columns, x.rows, slope.columns}, {x.values.data(), 1, x.columns}, slope.values.data(),
           weight_slope, true);
  for (std::size_t i = 0; i < slope.rows; ++i) {
    const float* s = slope.row(i);
    for (std::size_t k = 0; k < slope.columns; ++k) bias_slope[k] += s[k];
  }
  transpose(weight, x.columns, slope.columns, turned);
  x_slope.resize(x.rows, x.columns);
  multiply({slope.rows, slope.columns, x.columns}, {slope.values.data(), slope.columns, 1},
           turned.data(), x_slope.values.data());
}

void add(const FloatMatrix& what, FloatMatrix& to) {
  for (std::size_t i = 0; i < to.values.size(); ++i) to.values[i] += what.values[i];
}

}  // namespace

TextEncoder::TextEncoder(const TextEncoderShape& shape, Rng rng) : shape_(shape) {
  NAS_CHECK(shape.width > 0 && shape.width % kHeadWidth == 0, "whole heads of attention");
  const std::size_t w = shape.width, wide = kWidening * w;
  const auto place = [this](std::size_t size, float value) {
    parameters_.insert(parameters_.end(), size, value);
    return parameters_.size() - size;
  };
  const auto drawn = [&](std::size_t size, double deviation) {
    const std::size_t at = place(size, 0.0F);
    for (std::size_t i = at; i < at + size; ++i) {
      parameters_[i] = static_cast<float>(deviation * rng.normal());
    }
    return at;
  };
  embedding_ = drawn(shape.vocabulary * w, 1.0);
  const double narrow = 1 / std::sqrt(static_cast<double>(w));
  const double deep = 1 / std::sqrt(2.0 * static_cast<double>(shape.layers));
  for (std::size_t i = 0; i < shape.layers; ++i) {
    Layer& layer = layers_.emplace_back();
    layer.gain1 = place(w, 1.0F);
    layer.shift1 = place(w, 0.0F);
    layer.qkv = drawn(w * 3 * w, narrow);
    layer.qkv_bias = place(3 * w, 0.0F);
    layer.distance = place(shape.width / kHeadWidth * (2 * kFarthest + 1), 0.0F);
    layer.out = drawn(w * w, narrow * deep);
    layer.out_bias = place(w, 0.0F);
    layer.gain2 = place(w, 1.0F);
    layer.shift2 = place(w, 0.0F);
    layer.up = drawn(w * wide, narrow * std::sqrt(2.0));
    layer.up_bias = place(wide, 0.0F);
    layer.down = drawn(wide * w, deep / std::sqrt(static_cast<double>(wide)));
    layer.down_bias = place(w, 0.0F);
  }
  gain_ = place(w, 1.0F);
  shift_ = place(w, 0.0F);
  head_ = drawn(shape.outputs * w, narrow);
}

FloatMatrix TextEncoder::forward(std::span<const TokenText* const> texts, Pass& pass) const {
  const float* p = parameters_.data();
  const std::size_t w = shape_.width;
  pass.starts.assign(1, 0);
  pass.tokens.clear();
  for (const TokenText* text : texts) {
    pass.tokens.insert(pass.tokens.end(), text->begin(), text->end());
    pass.starts.push_back(pass.tokens.size());
  }
  pass.layers.resize(layers_.size());
  FloatMatrix &x = pass.rows, &branch = pass.branch;
  x.resize(pass.tokens.size(), w);
  for (std::size_t i = 0; i < pass.tokens.size(); ++i) {
    std::copy_n(p + embedding_ + pass.tokens[i] * w, w, x.row(i));
  }
  for (std::size_t l = 0; l < layers_.size(); ++l) {
    const Layer& at = layers_[l];
    Pass::Layer& kept = pass.layers[l];
    standardise(x, kept.standard1, kept.inverse1);
    stretch(kept.standard1, p + at.gain1, p + at.shift1, kept.normal1);
    linear(kept.normal1, p + at.qkv, p + at.qkv_bias, 3 * w, kept.qkv);
    kept.mixed.resize(x.rows, w);
    kept.weights.resize(texts.size());
    for (std::size_t t = 0; t < texts.size(); ++t) {
      const AttentionShape shape = attention_shape(pass, t);
      kept.weights[t].resize(shape.weights());
      attend(shape, kept.qkv.row(pass.starts[t]), p + at.distance, kept.weights[t].data(),
             kept.mixed.row(pass.starts[t]));
    }
    linear(kept.mixed, p + at.out, p + at.out_bias, w, branch);
    add(branch, x);
    standardise(x, kept.standard2, kept.inverse2);
    stretch(kept.standard2, p + at.gain2, p + at.shift2, kept.normal2);
    linear(kept.normal2, p + at.up, p + at.up_bias, kWidening * w, kept.wide);
    for (float& value : kept.wide.values) value = std::max(value, 0.0F);
    linear(kept.wide, p + at.down, p + at.down_bias, w, branch);
    add(branch, x);
  }
  standardise(x, pass.standard, pass.inverse);
  pass.means.resize(texts.size(), w);
  std::ranges::fill(pass.means.values, 0.0F);
  for (std::size_t t = 0; t < texts.size(); ++t) {
    float* mean = pass.means.row(t);
    for (std::size_t i = pass.starts[t]; i < pass.starts[t + 1]; ++i) {
      const float* row = pass.standard.row(i);
      for (std::size_t k = 0; k < w; ++k) mean[k] += row[k];
    }
    for (std::size_t k = 0; k < w; ++k) mean[k] /= divisor(pass, t);
  }
  stretch(pass.means, p + gain_, p + shift_, pass.normal_means);
  FloatMatrix outputs(texts.size(), shape_.outputs);
  for (std::size_t t = 0; t < texts.size(); ++t) {
    const float* mean = pass.normal_means.row(t);
    for (std::size_t o = 0; o < shape_.outputs; ++o) {
      const float* head = p + head_ + o * w;
      float sum = 0;
      for (std::size_t k = 0; k < w; ++k) sum += mean[k] * head[k];
      outputs.row(t)[o] = sum;
    }
  }
  return outputs;
}

AttentionShape TextEncoder::attention_shape(const Pass& pass, std::size_t text) const {
  return {pass.starts[text + 1] - pass.starts[text], shape_.width, shape_.width / kHeadWidth,
          kFarthest};
}

float TextEncoder::divisor(const Pass& pass, std::size_t text) {
  return static_cast<float>(pass.starts[text + 1] - pass.starts[text]);
}

std::vector<float> TextEncoder::scores(std::span<const TokenText* const> texts) const {
  constexpr std::size_t kChunk = 32;
  std::vector<float> result;
  Pass pass;
  for (std::size_t i = 0; i < texts.size(); i += kChunk) {
    const FloatMatrix some = forward(texts.subspan(i, std::min(kChunk, texts.size() - i)), pass);
    for (std::size_t t = 0; t < some.rows; ++t) result.push_back(some.row(t)[0]);
  }
  return result;
}

void TextEncoder::forget_unseen(const std::vector<bool>& seen) {
  const auto first = parameters_.begin() + static_cast<std::ptrdiff_t>(embedding_);
  const auto width = static_cast<std::ptrdiff_t>(shape_.width);
  const std::vector<float> unknown(first + TextTokens::kUnknown * width,
                                   first + (TextTokens::kUnknown + 1) * width);
  for (std::size_t word = 0; word < seen.size(); ++word) {
    if (!seen[word]) std::ranges::copy(unknown, first + static_cast<std::ptrdiff_t>(word) * width);
  }
}

void TextEncoder::backward(Pass& pass, const FloatMatrix& slopes, std::span<float> gradient) const {
  const float* p = parameters_.data();
  float* g = gradient.data();
  const std::size_t w = shape_.width;
  FloatMatrix &slope = pass.slope, &inner = pass.inner, &other = pass.other;
  slope.resize(pass.tokens.size(), w);
  std::vector<float> of_mean(w);
  for (std::size_t t = 0; t < slopes.rows; ++t) {
    std::ranges::fill(of_mean, 0.0F);
    const float* mean = pass.normal_means.row(t);
    for (std::size_t o = 0; o < shape_.outputs; ++o) {
      const float part = slopes.row(t)[o];
      for (std::size_t k = 0; k < w; ++k) {
        g[head_ + o * w + k] += part * mean[k];
        of_mean[k] += part * p[head_ + o * w + k];
      }
    }
    for (std::size_t k = 0; k < w; ++k) of_mean[k] /= divisor(pass, t);
    for (std::size_t i = pass.starts[t]; i < pass.starts[t + 1]; ++i) {
      std::ranges::copy(of_mean, slope.row(i));
    }
  }
  standardise_backward(pass.standard, pass.inverse, p + gain_, g + gain_, g + shift_, slope);
  for (std::size_t l = layers_.size(); l-- > 0;) {
    const Layer& at = layers_[l];
    const Pass::Layer& kept = pass.layers[l];
    linear_backward(kept.wide, p + at.down, slope, g + at.down, g + at.down_bias, inner,
                    pass.turned);
    for (std::size_t i = 0; i < inner.values.size(); ++i) {
      if (!(kept.wide.values[i] > 0)) inner.values[i] = 0;
    }
    linear_backward(kept.normal2, p + at.up, inner, g + at.up, g + at.up_bias, other, pass.turned);
    standardise_backward(kept.standard2, kept.inverse2, p + at.gain2, g + at.gain2, g + at.shift2,
                         other);
    add(other, slope);
    linear_backward(kept.mixed, p + at.out, slope, g + at.out, g + at.out_bias, inner, pass.turned);
    FloatMatrix& qkv = pass.qkv_slope;
    qkv.resize(slope.rows, 3 * w);
    for (std::size_t t = 0; t < slopes.rows; ++t) {
      const std::size_t first = pass.starts[t];
      attend_backward(attention_shape(pass, t), kept.qkv.row(first), kept.weights[t].data(),
                      inner.row(first), qkv.row(first), g + at.distance);
    }
    linear_backward(kept.normal1, p + at.qkv, qkv, g + at.qkv, g + at.qkv_bias, other, pass.turned);
    standardise_backward(kept.standard1, kept.inverse1, p + at.gain1, g + at.gain1, g + at.shift1,
                         other);
    add(other, slope);
  }
  for (std::size_t i = 0; i < pass.tokens.size(); ++i) {
    const float* s = slope.row(i);
    float* to = g + embedding_ + pass.tokens[i] * w;
    for (std::size_t k = 0; k < w; ++k) to[k] += s[k];
  }
}

}  // namespace nas
