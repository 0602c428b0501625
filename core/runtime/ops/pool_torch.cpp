#include <ATen/ops/max_pool2d.h>
#include <ATen/ops/mean.h>

#include "core/runtime/avg_pool_torch.h"
#include "core/runtime/ops/op_torch.h"

namespace nas {
namespace {

OpKernel make_avg_pool(const ArchGraph& graph, NodeId node) {
  const PoolWindow window{.kernel = graph.get_int(node, "kernel"),
                          .stride = graph.get_int(node, "stride"),
                          .padding = graph.get_int(node, "padding"),
                          .ceil_mode = graph.get_bool(node, "ceil_mode"),
                          .count_include_pad = graph.get_bool(node, "count_include_pad")};
  return [window](const OpRun& run) { return average_pool(run.inputs[0], window); };
}

OpKernel make_max_pool(const ArchGraph& graph, NodeId node) {
  const std::int64_t kernel = graph.get_int(node, "kernel");
  const std::int64_t stride = graph.get_int(node, "stride");
  const std::int64_t padding = graph.get_int(node, "padding");
  const bool ceil_mode = graph.get_bool(node, "ceil_mode");
  return [=](const OpRun& run) {
    return at::max_pool2d(run.inputs[0], at::IntArrayRef(kernel), at::IntArrayRef(stride),
                          at::IntArrayRef(padding), at::IntArrayRef(std::int64_t{1}), ceil_mode);
  };
}

OpKernel make_global_avg_pool(const ArchGraph& graph, NodeId node) {
  const bool keep_dims = graph.get_bool(node, "keep_dims");
  const bool sequence = graph.output_types(graph.inputs(node)[0].node)[0].shape.rank() == 2;
  return [=](const OpRun& run) {
    const at::Tensor& x = run.inputs[0];
    return sequence ? at::mean(x, 2, keep_dims) : at::mean(x, {2, 3}, keep_dims);
  };
}

constexpr OpBuilder kBuilders[] = {
    {"avg_pool", make_avg_pool, ResultMemory::kFresh},
    {"global_avg_pool", make_global_avg_pool, ResultMemory::kFresh},
    {"max_pool",
     make_max_pool},  // its gradient needs no output, but LibTorch may return a view for 1x1
};

}  // namespace

extern constinit const OpBuilders pool_builders{kBuilders};

}  // namespace nas
