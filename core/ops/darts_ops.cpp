#include "core/ir/graph_sink.h"
#include "core/ops/op_schema.h"

// Operations of DARTS (Liu et al., ICLR 2019), as in its released operations: convolutions without
// bias.
namespace nas {
namespace {

constexpr AttrSpec kSeparableAttrs[] = {
    required_int("out_channels", 1, "output channels"),
    required_int("kernel", 1, "height and width of the window; output size = ceil(input / stride)"),
    optional_int("stride", 1, 1, "step of the (first) depthwise convolution"),
    flag("affine", true, "batch normalisation with scale and shift"),
};

struct Separable {
  ElasticValue out_channels;  ///< 0 = as the input
  ElasticValue kernel;
  ElasticValue stride;
  ElasticValue affine;
  std::int64_t dilation = 1;
};

/// ReLU, depthwise convolution, 1x1 convolution, batch normalisation.
Value add_separable(GraphSink& sink, Value x, const Separable& s) {
  const std::int64_t dilation = s.dilation;
  x = sink.add("relu", {x});
  x = sink.add(
      "conv2d", {x},
      {{"out_channels", 0},
       {"kernel", s.kernel},
       {"stride", s.stride},
       {"padding", s.kernel.map_int([=](std::int64_t k) { return dilation * (k - 1) / 2; })},
       {"dilation", dilation},
       {"groups", 0}});
  x = sink.add("conv2d", {x}, {{"out_channels", s.out_channels}, {"kernel", 1}});
  return sink.add("batch_norm", {x}, {{"affine", s.affine}});
}

Value expand_sep_conv(GraphSink& sink, const MacroCall& call) {
  const ElasticValue& kernel = call.attr("kernel");
  const ElasticValue& affine = call.attr("affine");
  const Value x = add_separable(
      sink, call.input(),
      {.out_channels = 0, .kernel = kernel, .stride = call.attr("stride"), .affine = affine});
  return add_separable(
      sink, x,
      {.out_channels = call.attr("out_channels"), .kernel = kernel, .stride = 1, .affine = affine});
}

Value expand_dil_conv(GraphSink& sink, const MacroCall& call) {
  return add_separable(sink, call.input(),
                       {.out_channels = call.attr("out_channels"),
                        .kernel = call.attr("kernel"),
                        .stride = call.attr("stride"),
                        .affine = call.attr("affine"),
                        .dilation = 2});
}

constexpr AttrSpec kReductionAttrs[] = {
    required_int("out_channels", 2, "output channels, half from each path"),
    flag("affine", true, "batch normalisation with scale and shift"),
};

Value expand_factorized_reduction(GraphSink& sink, const MacroCall& call) {
  const ElasticValue& channels = call.attr("out_channels");
  const Value x = sink.add("relu", {call.input()});
  const Value even =
      sink.add("conv2d", {x},
               {{"out_channels", channels.map_int([](std::int64_t c) { return c / 2; })},
                {"kernel", 1},
                {"stride", 2}});
  const Value shifted = sink.add("crop", {x}, {{"top", 1}, {"left", 1}});
  const Value odd =
      sink.add("conv2d", {shifted},
               {{"out_channels", channels.map_int([](std::int64_t c) { return c - c / 2; })},
                {"kernel", 1},
                {"stride", 2}});
  const Value both = sink.add("concat", {even, odd});
  return sink.add("batch_norm", {both}, {{"affine", call.attr("affine")}});
}

constexpr OpSchema kOps[] = {
    {
        .name = "sep_conv",
        .doc =
            "separable convolution applied twice: (ReLU, depthwise, 1x1, BN) with the stride, then "
            "without",
        .attrs = kSeparableAttrs,
        .expand = expand_sep_conv,
    },
    {
        .name = "dil_conv",
        .doc = "separable convolution with dilation 2: ReLU, depthwise, 1x1, BN",
        .attrs = kSeparableAttrs,
        .expand = expand_dil_conv,
    },
    {
        .name = "factorized_reduction",
        .doc =
            "halves the image: ReLU, two 1x1 convolutions of stride 2 (the second shifted by one "
            "pixel), "
            "concatenated, BN; height and width must be even",
        .attrs = kReductionAttrs,
        .expand = expand_factorized_reduction,
    },
};

}  // namespace

extern constinit const OpList darts_ops_list{kOps};

}  // namespace nas
