#include <string>
#include <vector>

#include "core/ir/graph_sink.h"
#include "core/ops/op_schema.h"

// Blocks of time-delay networks for speakers: ECAPA-TDNN (Desplanques, Thienpondt and Demuynck,
// Interspeech 2020, arXiv 2005.07143), in the order of the code of EfficientTDNN (Wang et al.,
// 2022, arXiv 2103.13581): ReLU comes BEFORE the batch normalisation.
namespace nas {
namespace {

constexpr AttrSpec kConvReluBnAttrs[] = {
    required_int("out_channels", 0, "output channels; 0 = as the input"),
    optional_int("kernel", 1, 1, "frames of the window; odd, so that the length is kept"),
    optional_int("dilation", 1, 1, "distance between the frames of the window"),
};

Value expand_conv_relu_bn(GraphSink& sink, const MacroCall& call) {
  const std::int64_t dilation = call.constant_int("dilation");
  const ElasticValue& kernel = call.attr("kernel");
  const Value x =
      sink.add("conv1d", {call.input()},
               {{"out_channels", call.attr("out_channels")},
                {"kernel", kernel},
                {"padding", kernel.map_int([=](std::int64_t k) { return (k - 1) / 2 * dilation; })},
                {"dilation", dilation}});
  return sink.add("batch_norm", {sink.add("relu", {x})});
}

constexpr AttrSpec kRes2Attrs[] = {
    required_int("kernel", 1, "frames of the windows; odd"),
    optional_int("dilation", 1, 1, "distance between the frames of a window"),
    optional_int("scale", 8, 2, "groups of channels"),
};

/// Channels of a group.
ElasticValue group_width(const ElasticValue& channels, std::int64_t scale) {
  return channels.map_int([scale](std::int64_t count) {
    if (count % scale != 0) {
      throw Error(ErrorKind::kUsage, "res2_conv1d: scale = " + std::to_string(scale) +
                                         " does not divide channels = " + std::to_string(count));
    }
    return count / scale;
  });
}

/// Gao et al., Res2Net, TPAMI 2021 (arXiv 1904.01169), with the LAST group passed on untouched:
/// y_1 = CRB(x_1), y_j = CRB(x_j + y_(j-1)), y_scale = x_scale.
Value expand_res2(GraphSink& sink, const MacroCall& call) {
  const std::int64_t scale = call.constant_int("scale");
  const ElasticValue width = group_width(sink.channels(call.input()), scale);
  std::vector<Value> groups;
  for (std::int64_t group = 0; group < scale; ++group) {
    const Scope scope(sink, "group_" + std::to_string(group + 1));
    Value x = sink.add(
        "slice_channels", {call.input()},
        {{"begin", width.map_int([=](std::int64_t w) { return group * w; })}, {"length", width}});
    if (group + 1 < scale) {
      if (group > 0) x = sink.add("add", {x, groups.back()});
      x = sink.add("conv1d_relu_bn", {x},
                   {{"out_channels", width},
                    {"kernel", call.attr("kernel")},
                    {"dilation", call.attr("dilation")}});
    }
    groups.push_back(x);
  }
  return sink.add("concat", groups);
}

constexpr AttrSpec kSqueezeExciteAttrs[] = {
    required_int("hidden_channels", 1, "channels between the two layers"),
};

Value expand_squeeze_excite(GraphSink& sink, const MacroCall& call) {
  Value gate = sink.add("global_avg_pool", {call.input()}, {{"keep_dims", true}});
  const auto layer = [&](std::string_view name, const ElasticValue& out, std::string_view then) {
    const Scope scope(sink, name);
    gate = sink.add("conv1d", {gate}, {{"out_channels", out}, {"kernel", 1}, {"bias", true}});
    gate = sink.add(then, {gate});
  };
  layer("reduce", call.attr("hidden_channels"), "relu");
  layer("expand", sink.channels(call.input()), "sigmoid");
  return sink.add("multiply", {call.input(), gate});
}

constexpr AttrSpec kSeRes2Attrs[] = {
    required_int("mid_channels", 1, "channels of the Res2 part, a multiple of scale"),
    required_int("kernel", 1, "frames of the windows of the Res2 part; odd"),
    required_int("se_channels", 1, "hidden channels of squeeze-excite"),
    optional_int("dilation", 1, 1, "distance between the frames of a window"),
    optional_int("scale", 8, 2, "groups of channels of the Res2 part"),
};

Value expand_se_res2(GraphSink& sink, const MacroCall& call) {
  const auto pointwise = [&](Value x, std::string_view name, const ElasticValue& out) {
    const Scope scope(sink, name);
    return sink.add("conv1d_relu_bn", {x}, {{"out_channels", out}});
  };
  Value x = pointwise(call.input(), "expand", call.attr("mid_channels"));
  x = sink.add("res2_conv1d", {x},
               {{"kernel", call.attr("kernel")},
                {"dilation", call.attr("dilation")},
                {"scale", call.attr("scale")}});
  x = pointwise(x, "project", sink.channels(call.input()));
  return sink.add("squeeze_excite_1d", {x}, {{"hidden_channels", call.attr("se_channels")}});
}

constexpr AttrSpec kAttentiveAttrs[] = {
    required_int("hidden_channels", 1, "channels of the attention's hidden layer"),
};

/// Okabe, Koshinaka and Shinoda, Interspeech 2018 (arXiv 1803.10963), with a weight for each
/// channel.
Value expand_attentive_stats(GraphSink& sink, const MacroCall& call) {
  const auto layer = [&](Value x, std::string_view name, const ElasticValue& out) {
    const Scope scope(sink, name);
    return sink.add("conv1d", {x}, {{"out_channels", out}, {"kernel", 1}});
  };
  Value weights = layer(call.input(), "hidden", call.attr("hidden_channels"));
  weights = layer(sink.add("tanh", {weights}), "weights", sink.channels(call.input()));
  return sink.add("weighted_stats", {call.input(), sink.add("softmax", {weights})});
}

constexpr OpSchema kOps[] = {
    {
        .name = "conv1d_relu_bn",
        .doc = "convolution along time (same padding, no bias), ReLU, batch normalisation",
        .attrs = kConvReluBnAttrs,
        .expand = expand_conv_relu_bn,
    },
    {
        .name = "res2_conv1d",
        .doc = "groups of channels, each convolved after the result of the one before was added; "
               "the last "
               "one is passed on",
        .attrs = kRes2Attrs,
        .expand = expand_res2,
    },
    {
        .name = "squeeze_excite_1d",
        .doc = "scales each channel of a sequence by a function of the means of all",
        .attrs = kSqueezeExciteAttrs,
        .expand = expand_squeeze_excite,
    },
    {
        .name = "se_res2_block",
        .doc = "block of ECAPA-TDNN without its shortcut: 1x1 convolution, Res2 groups, 1x1 "
               "convolution, "
               "squeeze-excite",
        .attrs = kSeRes2Attrs,
        .expand = expand_se_res2,
    },
    {
        .name = "attentive_stats_pool",
        .doc = "means and standard deviations along time, weighted by attention in each channel, "
               "[C,T] -> "
               "[2 C]",
        .attrs = kAttentiveAttrs,
        .expand = expand_attentive_stats,
    },
};

}  // namespace

extern constinit const OpList tdnn_ops_list{kOps};

}  // namespace nas
