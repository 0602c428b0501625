#include "searchspaces/mobile_blocks.h"

#include <algorithm>

namespace nas {

std::int64_t make_divisible(double value) {
  auto rounded = std::max<std::int64_t>(8, static_cast<std::int64_t>(value + 4) / 8 * 8);
  if (static_cast<double>(rounded) < 0.9 * value) rounded += 8;
  return rounded;
}

std::int64_t scaled_channels(std::int64_t channels, double multiplier) {
  return make_divisible(static_cast<double>(channels) * multiplier);
}

Value add_conv_norm(GraphSink& sink, Value x, const ConvNorm& settings) {
  x = sink.add("conv2d", {x},
               {{"out_channels", settings.out_channels},
                {"kernel", settings.kernel},
                {"stride", settings.stride},
                {"padding", settings.kernel / 2}});
  x = sink.add("batch_norm", {x}, {{"eps", settings.eps}});
  return settings.activation.empty() ? x : sink.add(settings.activation, {x});
}

namespace proxyless {

Value add_start(GraphSink& sink, Value image, const ElasticValue& stem_width,
                const ElasticValue& first_width, int stem_stride) {
  Value x = image;
  {
    const Scope scope(sink, "stem");
    x = add_conv_norm(sink, x, {stem_width, 3, stem_stride, "relu6", kEps});
  }
  const Scope scope(sink, "first_block");
  return sink.add("mbconv", {x},
                  {{"mid_channels", 0},
                   {"out_channels", first_width},
                   {"kernel", 3},
                   {"relu6", true},
                   {"eps", kEps}});
}

Value add_head(GraphSink& sink, Value x, const ElasticValue& features, std::int64_t classes) {
  const Scope scope(sink, "head");
  x = add_conv_norm(sink, x, {features, 1, 1, "relu6", kEps});
  x = sink.add("global_avg_pool", {x});
  return sink.add("linear", {x}, {{"out_features", classes}});
}

Value add_plain_head(GraphSink& sink, Value x, std::int64_t classes) {
  const Scope scope(sink, "head");
  x = sink.add("global_avg_pool", {x});
  return sink.add("linear", {x}, {{"out_features", classes}});
}

}  // namespace proxyless

}  // namespace nas
