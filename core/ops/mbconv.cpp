#include <algorithm>

#include "core/ir/graph_sink.h"
#include "core/ops/op_schema.h"

// Inverted residual blocks (Sandler et al., CVPR 2018; with squeeze-excite: Howard et al., ICCV
// 2019), as in Once-for-All (Cai et al., ICLR 2020).
namespace nas {
namespace {

std::int64_t is_positive(std::int64_t value) {
  return value > 0 ? 1 : 0;
}

constexpr AttrSpec kSqueezeExciteAttrs[] = {
    required_int("hidden_channels", 1, "channels between the two 1x1 convolutions"),
};

Value expand_squeeze_excite(GraphSink& sink, const MacroCall& call) {
  Value gate = sink.add("global_avg_pool", {call.input()}, {{"keep_dims", true}});
  {
    const Scope scope(sink, "reduce");
    gate =
        sink.add("conv2d", {gate},
                 {{"out_channels", call.attr("hidden_channels")}, {"kernel", 1}, {"bias", true}});
    gate = sink.add("relu", {gate});
  }
  {
    const Scope scope(sink, "expand");
    gate = sink.add("conv2d", {gate},
                    {{"out_channels", sink.channels(call.input())}, {"kernel", 1}, {"bias", true}});
    gate = sink.add("hsigmoid", {gate});
  }
  return sink.add("multiply", {call.input(), gate});
}

constexpr AttrSpec kMbconvAttrs[] = {
    required_int("mid_channels", 0,
                 "channels of the depthwise part; 0 = as the input, no expansion"),
    required_int("out_channels", 1, "output channels"),
    required_int("kernel", 1, "window of the depthwise convolution; padding is kernel / 2"),
    optional_int("stride", 1, 1, "step of the depthwise convolution"),
    optional_int("se_channels", 0, 0, "hidden channels of squeeze-excite; 0 = none"),
    flag("hswish", false, "h-swish as activation"),
    flag("relu6", false, "ReLU6 as activation, unless hswish; ReLU otherwise"),
    optional_real("eps", 1e-5, 0, 1, "of the batch normalisations"),
};

Value add_norm_activation(GraphSink& sink, Value x, const MacroCall& call) {
  x = sink.add("batch_norm", {x}, {{"eps", call.attr("eps")}});
  const auto rectify = [&] {
    return sink.choose(call.attr("relu6"), {[&] { return sink.add("relu", {x}); },
                                            [&] { return sink.add("relu6", {x}); }});
  };
  return sink.choose(call.attr("hswish"), {rectify, [&] { return sink.add("hswish", {x}); }});
}

Value add_expansion(GraphSink& sink, Value x, const MacroCall& call) {
  const Scope scope(sink, "expand");
  x = sink.add("conv2d", {x}, {{"out_channels", call.attr("mid_channels")}, {"kernel", 1}});
  return add_norm_activation(sink, x, call);
}

Value add_depthwise(GraphSink& sink, Value x, const MacroCall& call) {
  const Scope scope(sink, "depthwise");
  const ElasticValue& kernel = call.attr("kernel");
  x = sink.add("conv2d", {x},
               {{"out_channels", call.attr("mid_channels")},
                {"kernel", kernel},
                {"stride", call.attr("stride")},
                {"padding", kernel.map_int([](std::int64_t k) { return k / 2; })},
                {"groups", call.attr("mid_channels")}});
  return add_norm_activation(sink, x, call);
}

Value expand_mbconv(GraphSink& sink, const MacroCall& call) {
  Value x = call.input();
  x = sink.choose(call.attr("mid_channels").map_int(is_positive),
                  {[&] { return x; }, [&] { return add_expansion(sink, x, call); }});
  x = add_depthwise(sink, x, call);
  const ElasticValue& se_channels = call.attr("se_channels");
  const auto gated = [&] {
    // Where squeeze-excite is open, its width must be in range also for the choices without it.
    const ElasticValue hidden =
        se_channels.map_int([](std::int64_t c) { return std::max<std::int64_t>(c, 1); });
    return sink.add("squeeze_excite", {x}, {{"hidden_channels", hidden}});
  };
  x = sink.choose(se_channels.map_int(is_positive), {[&] { return x; }, gated});
  const Scope scope(sink, "project");
  x = sink.add("conv2d", {x}, {{"out_channels", call.attr("out_channels")}, {"kernel", 1}});
  return sink.add("batch_norm", {x}, {{"eps", call.attr("eps")}});
}

constexpr OpSchema kOps[] = {
    {
        .name = "squeeze_excite",
        .doc = "scales every channel by a gate made from the means of all channels",
        .attrs = kSqueezeExciteAttrs,
        .expand = expand_squeeze_excite,
    },
    {
        .name = "mbconv",
        .doc = "inverted bottleneck: 1x1 expansion, depthwise convolution, optional "
               "squeeze-excite, 1x1 "
               "projection; the shortcut is the caller's",
        .attrs = kMbconvAttrs,
        .expand = expand_mbconv,
    },
};

}  // namespace

extern constinit const OpList mbconv_list{kOps};

}  // namespace nas
