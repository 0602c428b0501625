#include <ATen/ops/constant_pad_nd.h>
#include <ATen/ops/narrow.h>

#include "core/runtime/ops/op_torch.h"

namespace nas {
namespace {

OpKernel make_flatten(const ArchGraph&, NodeId) {
  return [](const OpRun& run) { return run.inputs[0].reshape({run.inputs[0].size(0), -1}); };
}

OpKernel make_slice_channels(const ArchGraph& graph, NodeId node) {
  const std::int64_t begin = graph.get_int(node, "begin");
  const std::int64_t length = graph.output_types(node)[0].shape[0];
  return [=](const OpRun& run) { return at::narrow(run.inputs[0], 1, begin, length); };
}

OpKernel make_crop(const ArchGraph& graph, NodeId node) {
  const std::int64_t top = graph.get_int(node, "top");
  const std::int64_t left = graph.get_int(node, "left");
  return [=](const OpRun& run) {
    const at::Tensor& x = run.inputs[0];
    return at::narrow(at::narrow(x, 2, top, x.size(2) - top), 3, left, x.size(3) - left);
  };
}

OpKernel make_pad(const ArchGraph& graph, NodeId node) {
  const auto pad = [&](std::string_view side) { return graph.get_int(node, side); };
  const std::array<std::int64_t, 4> pads{pad("left"), pad("right"), pad("top"), pad("bottom")};
  return [pads](const OpRun& run) { return at::constant_pad_nd(run.inputs[0], pads, 0); };
}

OpKernel make_channel_shuffle(const ArchGraph& graph, NodeId node) {
  const std::int64_t groups = graph.get_int(node, "groups");
  return [groups](const OpRun& run) {
    const at::Tensor& x = run.inputs[0];
    const auto n = x.size(0), c = x.size(1), h = x.size(2), w = x.size(3);
    // [N, G, C/G, H, W] -> [N, C/G, G, H, W]: channel g * C/G + k moves to k * G + g.
    return x.reshape({n, groups, c / groups, h, w})
        .transpose(1, 2)
        .reshape({n, c, h, w})
        .contiguous(x.suggest_memory_format());
  };
}

constexpr OpBuilder kBuilders[] = {
    {"channel_shuffle", make_channel_shuffle},
    {"crop", make_crop},
    {"flatten", make_flatten},
    {"pad", make_pad},
    {"slice_channels", make_slice_channels},
};

}  // namespace

extern constinit const OpBuilders structure_builders{kBuilders};

}  // namespace nas
