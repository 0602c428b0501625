#include <ATen/ops/add.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/index_select.h>
#include <ATen/ops/mul.h>
#include <ATen/ops/tensor.h>

#include "core/runtime/ops/op_torch.h"
#include "core/runtime/weighted_sum_torch.h"

namespace nas {
namespace {

OpKernel make_identity(const ArchGraph&, NodeId) {
  return [](const OpRun& run) { return run.inputs[0]; };
}

/// A constant: nothing flows back through it, which is the gradient of x * 0 for finite x. It has
/// the layout of what it stands for: a sum of two layouts takes ten times as long as one of one.
OpKernel make_zero(const ArchGraph& graph, NodeId node) {
  const Shape shape = graph.output_types(node)[0].shape;
  return [shape](const OpRun& run) {
    std::vector<std::int64_t> sizes{run.inputs[0].size(0)};
    for (const std::int64_t dim : shape.dims()) sizes.push_back(dim);
    const at::Tensor& input = run.inputs[0];
    return at::empty(sizes, input.options(), input.suggest_memory_format()).zero_();
  };
}

OpKernel make_add(const ArchGraph&, NodeId) {
  return [](const OpRun& run) {
    at::Tensor sum = run.inputs[0];
    for (std::size_t i = 1; i < run.inputs.size(); ++i) {
      if (i > 1 || run.overwrite) {
        sum.add_(run.inputs[i]);
      } else {
        sum = at::add(sum, run.inputs[i]);
      }
    }
    return sum;
  };
}

/// Zeros add nothing, whatever their weight; they are told apart by the operation that makes them.
OpKernel make_mix(const ArchGraph& graph, NodeId node) {
  std::vector<std::int64_t> kept;
  const auto inputs = graph.inputs(node);
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const bool zero = graph.op(inputs[i].node).zero_rule == ZeroRule::kMakes;
    if (!zero) kept.push_back(static_cast<std::int64_t>(i));
  }
  const bool all = kept.size() == inputs.size();
  return [kept, all](const OpRun& run) {
    if (kept.empty()) return run.inputs[0];
    const at::Tensor weights = run.params[0].to(run.inputs[0].scalar_type());
    if (all) return weighted_sum(run.inputs, weights);
    std::vector<at::Tensor> terms;
    for (const std::int64_t i : kept) terms.push_back(run.inputs[static_cast<std::size_t>(i)]);
    const at::Tensor index =
        at::tensor(at::ArrayRef<std::int64_t>(kept), at::TensorOptions(at::kLong));
    return weighted_sum(terms, at::index_select(weights, 0, index.to(weights.device())));
  };
}

OpKernel make_multiply(const ArchGraph&, NodeId) {
  return [](const OpRun& run) { return at::mul(run.inputs[0], run.inputs[1]); };
}

OpKernel make_concat(const ArchGraph&, NodeId) {
  return [](const OpRun& run) {
    return at::cat(at::TensorList(run.inputs.data(), run.inputs.size()), 1);
  };
}

constexpr OpBuilder kBuilders[] = {
    {"add", make_add, ResultMemory::kSum},
    {"concat", make_concat, ResultMemory::kFresh},
    {"identity", make_identity},
    {"mix", make_mix},
    {"multiply", make_multiply, ResultMemory::kFresh},
    {"zero", make_zero, ResultMemory::kZero},
};

}  // namespace

extern constinit const OpBuilders arithmetic_builders{kBuilders};

}  // namespace nas
