#include "searchspaces/transnas_network.h"

#include <utility>

namespace nas {

SpaceInfo transnas_info(std::string name) {
  SpaceInfo info;
  info.name = std::move(name);
  info.version = "1";
  info.width_meaning = "channels after the stem (doubled by modules), default 64";
  info.default_task.input = {3, 256, 256};
  info.default_task.classes = 63;
  info.small_width = 8;
  return info;
}

Value transnas_stem(GraphSink& sink, Value input, std::int64_t width) {
  const Scope scope(sink, "stem");
  Value x = input;
  for (const std::int64_t channels : {width / 2, width}) {
    const Scope layer(sink, channels == width ? "conv_b" : "conv_a");
    x = sink.add("conv_bn_relu", {x}, {{"out_channels", channels}, {"kernel", 3}, {"stride", 2}});
  }
  return x;
}

Value transnas_head(GraphSink& sink, Value x, std::int64_t classes) {
  const Scope scope(sink, "head");
  x = sink.add("global_avg_pool", {x});
  return sink.add("linear", {x}, {{"out_features", classes}});
}

}  // namespace nas
