#include "core/ir/graph_sink.h"
#include "core/ops/op_schema.h"

// Building blocks of NAS-Bench-101 and NAS-Bench-201.
namespace nas {
namespace {

constexpr AttrSpec kConvBnReluAttrs[] = {
    required_int("out_channels", 1, "output channels"),
    optional_int("kernel", 3, 1, "height and width of the window; padding is kernel / 2"),
    optional_int("stride", 1, 1, "step of the window"),
    optional_real("momentum", 0.1, 0, 1, "of the batch normalisation"),
    optional_real("eps", 1e-5, 0, 1, "of the batch normalisation"),
};

// NAS-Bench-101 (Ying et al., ICML 2019), conv3x3-bn-relu and conv1x1-bn-relu.
Value expand_conv_bn_relu(GraphSink& sink, const MacroCall& call) {
  const ElasticValue& kernel = call.attr("kernel");
  Value x = sink.add("conv2d", {call.input()},
                     {{"out_channels", call.attr("out_channels")},
                      {"kernel", kernel},
                      {"stride", call.attr("stride")},
                      {"padding", kernel.map_int([](std::int64_t k) { return k / 2; })}});
  x = sink.add("batch_norm", {x}, {{"momentum", call.attr("momentum")}, {"eps", call.attr("eps")}});
  return sink.add("relu", {x});
}

constexpr AttrSpec kReluConvBnAttrs[] = {
    required_int("out_channels", 1, "output channels"),
    required_int("kernel", 1, "height and width of the window; padding is kernel / 2"),
    optional_int("stride", 1, 1, "step of the window"),
    flag("affine", true, "batch normalisation with scale and shift"),
};

// NAS-Bench-201 (Dong and Yang, ICLR 2020), nor_conv_1x1 and nor_conv_3x3.
Value expand_relu_conv_bn(GraphSink& sink, const MacroCall& call) {
  const ElasticValue& kernel = call.attr("kernel");
  Value x = sink.add("relu", {call.input()});
  x = sink.add("conv2d", {x},
               {{"out_channels", call.attr("out_channels")},
                {"kernel", kernel},
                {"stride", call.attr("stride")},
                {"padding", kernel.map_int([](std::int64_t k) { return k / 2; })}});
  return sink.add("batch_norm", {x}, {{"affine", call.attr("affine")}});
}

constexpr AttrSpec kResidualAttrs[] = {
    required_int("out_channels", 1, "output channels"),
    optional_int("stride", 2, 2, "step of the first convolution and of the shortcut's pooling"),
};

// NAS-Bench-201: the block between two stages. The shortcut's convolution has no batch
// normalisation.
Value expand_residual(GraphSink& sink, const MacroCall& call) {
  const ElasticValue& channels = call.attr("out_channels");
  const ElasticValue& stride = call.attr("stride");
  Value x = call.input();
  {
    const Scope scope(sink, "conv_a");
    x = sink.add("relu_conv_bn", {x},
                 {{"out_channels", channels}, {"kernel", 3}, {"stride", stride}});
  }
  {
    const Scope scope(sink, "conv_b");
    x = sink.add("relu_conv_bn", {x}, {{"out_channels", channels}, {"kernel", 3}});
  }
  Value shortcut = call.input();
  {
    const Scope scope(sink, "shortcut");
    shortcut = sink.add("avg_pool", {shortcut}, {{"kernel", stride}, {"stride", stride}});
    shortcut = sink.add("conv2d", {shortcut}, {{"out_channels", channels}, {"kernel", 1}});
  }
  return sink.add("add", {x, shortcut});
}

constexpr OpSchema kOps[] = {
    {
        .name = "conv_bn_relu",
        .doc = "convolution (same padding, no bias), batch normalisation, ReLU",
        .attrs = kConvBnReluAttrs,
        .expand = expand_conv_bn_relu,
    },
    {
        .name = "relu_conv_bn",
        .doc = "ReLU, convolution (same padding, no bias), batch normalisation",
        .attrs = kReluConvBnAttrs,
        .expand = expand_relu_conv_bn,
    },
    {
        .name = "nb201_residual",
        .doc =
            "residual block of NAS-Bench-201 that halves the image: two ReLU-conv3x3-BN; shortcut "
            "average "
            "pooling and conv1x1",
        .attrs = kResidualAttrs,
        .expand = expand_residual,
    },
};

}  // namespace

extern constinit const OpList nasbench_ops_list{kOps};

}  // namespace nas
