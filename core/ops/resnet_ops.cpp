#include "core/ops/resnet_ops.h"

#include "core/ops/op_schema.h"

namespace nas {
namespace {

constexpr AttrSpec kBlockAttrs[] = {
    required_int("out_channels", 1, "output channels"),
    optional_int("stride", 1, 1, "step of the first convolution and of the shortcut's"),
    flag("projection", true, "the shortcut is a 1x1 convolution with batch normalisation"),
};

// He et al., CVPR 2016 (arXiv 1512.03385), figure 5 left; option B of section 4.2 is `projection`.
Value expand_basic_block(GraphSink& sink, const MacroCall& call) {
  const ElasticValue& channels = call.attr("out_channels");
  Value x = call.input();
  {
    const Scope scope(sink, "conv_a");
    x = sink.add("conv_bn_relu", {x},
                 {{"out_channels", channels}, {"kernel", 3}, {"stride", call.attr("stride")}});
  }
  {
    const Scope scope(sink, "conv_b");
    x = sink.add("conv2d", {x}, {{"out_channels", channels}, {"kernel", 3}, {"padding", 1}});
    x = sink.add("batch_norm", {x});
  }
  Value shortcut = call.input();
  if (call.constant_int("projection") != 0) {
    const Scope scope(sink, "shortcut");
    shortcut =
        sink.add("conv2d", {shortcut},
                 {{"out_channels", channels}, {"kernel", 1}, {"stride", call.attr("stride")}});
    shortcut = sink.add("batch_norm", {shortcut});
  }
  return sink.add("relu", {sink.add("add", {x, shortcut})});
}

constexpr OpSchema kOps[] = {
    {
        .name = "basic_block",
        .doc = "residual block of ResNets: two 3x3 convolutions, shortcut, ReLU",
        .attrs = kBlockAttrs,
        .expand = expand_basic_block,
    },
};

}  // namespace

Value add_cifar_resnet(GraphSink& sink, Value image, std::span<const std::int64_t> blocks,
                       std::int64_t width, std::int64_t classes) {
  Value x = sink.add("conv_bn_relu", {image}, {{"out_channels", width}});
  for (std::size_t stage = 0; stage < blocks.size(); ++stage) {
    for (std::int64_t block = 0; block < blocks[stage]; ++block) {
      const bool first = block == 0 && stage > 0;
      x = sink.add(
          "basic_block", {x},
          {{"out_channels", width << stage}, {"stride", first ? 2 : 1}, {"projection", first}});
    }
  }
  x = sink.add("global_avg_pool", {x});
  return sink.add("linear", {x}, {{"out_features", classes}});
}

extern constinit const OpList resnet_ops_list{kOps};

}  // namespace nas
