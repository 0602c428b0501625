#include "core/ops/attention.h"

#include <ATen/ops/add.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/from_blob.h>
#include <ATen/ops/matmul.h>

#include "core/runtime/ops/op_torch.h"

namespace nas {
namespace {

OpKernel make_class_token(const ArchGraph&, NodeId) {
  return [](const OpRun& run) {
    const at::Tensor& x = run.inputs[0];  // [N, C, T]
    const at::Tensor token =
        run.params[0].to(x.scalar_type()).reshape({1, -1, 1}).expand({x.size(0), -1, 1});
    return at::cat({token, x}, 2);
  };
}

OpKernel make_position_embedding(const ArchGraph&, NodeId) {
  return [](const OpRun& run) {
    const at::Tensor& x = run.inputs[0];
    return at::add(x, run.params[0].to(x.scalar_type()));
  };
}

at::Tensor index_of(std::vector<std::int64_t> places) {
  return at::from_blob(places.data(), {static_cast<std::int64_t>(places.size())}, at::kLong)
      .clone();
}

/// Embeddings of relative positions, [T, T, D]: query, key, channel.
class Embeddings {
 public:
  Embeddings(const ArchGraph& graph, NodeId node, std::int64_t tokens) : tokens_(tokens) {
    const TokenGrid grid{tokens, graph.get_int(node, "columns"), graph.get_int(node, "reach")};
    rows_ = index_of(relative_places(grid, GridAxis::kRows));
    columns_ = index_of(relative_places(grid, GridAxis::kColumns));
  }
  at::Tensor of(const OpRun& run, at::ScalarType type) const {
    const at::Tensor rows = run.params[0].to(type), columns = run.params[1].to(type);
    return at::add(rows.index_select(0, rows_), columns.index_select(0, columns_))
        .reshape({tokens_, tokens_, rows.size(1)});
  }

 private:
  std::int64_t tokens_;
  at::Tensor rows_, columns_;
};

OpKernel make_relative_scores(const ArchGraph& graph, NodeId node) {
  const Embeddings embeddings(graph, node, graph.output_types(node)[0].shape[2]);
  return [embeddings](const OpRun& run) {
    const at::Tensor& q = run.inputs[0];                                       // [N, h, D, T]
    const at::Tensor r = embeddings.of(run, q.scalar_type()).transpose(1, 2);  // [T, D, T]
    // [N, T, h, D] x [T, D, T] -> [N, T, h, T]
    return at::matmul(q.permute({0, 3, 1, 2}), r).permute({0, 2, 1, 3});
  };
}

OpKernel make_relative_values(const ArchGraph& graph, NodeId node) {
  const Embeddings embeddings(graph, node, graph.output_types(node)[0].shape[2]);
  return [embeddings](const OpRun& run) {
    const at::Tensor& weights = run.inputs[0];  // [N, h, T, T]
    const at::Tensor r = embeddings.of(run, weights.scalar_type());
    // [N, T, h, T] x [T, T, D] -> [N, T, h, D] -> [N, h, D, T]
    return at::matmul(weights.permute({0, 2, 1, 3}), r).permute({0, 2, 3, 1});
  };
}

constexpr OpBuilder kBuilders[] = {
    {"class_token", make_class_token},
    {"position_embedding", make_position_embedding},
    {"relative_scores", make_relative_scores},
    {"relative_values", make_relative_values},
};

}  // namespace

extern constinit const OpBuilders attention_builders{kBuilders};

}  // namespace nas
