#pragma once

#include <cstdint>
#include <string_view>

#include "core/ir/graph_sink.h"

namespace nas {

/// The nearest multiple of 8, at least 8 and never below 90 % of the value: how the MobileNets, and
/// the spaces of their blocks, round channels (Sandler et al., 2018, released code).
std::int64_t make_divisible(double value);
/// make_divisible(multiplier x channels).
std::int64_t scaled_channels(std::int64_t channels, double multiplier);

struct ConvNorm {
  ElasticValue out_channels;
  int kernel = 1;  ///< padding is kernel / 2
  int stride = 1;
  std::string_view activation = "";  ///< an operation; "": none
  double eps = 1e-5;                 ///< of the batch normalisation
};
/// Convolution without bias, batch normalisation, activation.
Value add_conv_norm(GraphSink& sink, Value x, const ConvNorm& settings);

/// The networks of ProxylessNAS and those of Once-for-All on its widths: ReLU6, batch
/// normalisations with eps = 1e-3.
namespace proxyless {
constexpr double kEps = 1e-3;
/// The stem (3x3) and the first block (3x3, no expansion, no shortcut).
Value add_start(GraphSink& sink, Value image, const ElasticValue& stem_width,
                const ElasticValue& first_width, int stem_stride = 2);
/// Mix of the features, mean over the positions, classifier.
Value add_head(GraphSink& sink, Value x, const ElasticValue& features, std::int64_t classes);
/// The same without the mix.
Value add_plain_head(GraphSink& sink, Value x, std::int64_t classes);
}  // namespace proxyless

}  // namespace nas
