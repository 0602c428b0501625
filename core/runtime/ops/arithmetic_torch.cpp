#include <ATen/ops/add.h>
#include <ATen/ops/addcmul.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/mul.h>
#include <ATen/ops/zeros.h>

#include "core/runtime/ops/op_torch.h"

namespace nas {
namespace {

OpKernel make_identity(const ArchGraph&, NodeId) {
  return [](const OpRun& run) { return run.inputs[0]; };
}

/// A constant: nothing flows back through it, which is the gradient of x * 0 for finite x.
OpKernel make_zero(const ArchGraph& graph, NodeId node) {
  const Shape shape = graph.output_types(node)[0].shape;
  return [shape](const OpRun& run) {
    std::vector<std::int64_t> sizes{run.inputs[0].size(0)};
    for (const std::int64_t dim : shape.dims()) sizes.push_back(dim);
    return at::zeros(sizes, run.inputs[0].options());
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
  std::vector<bool> zero;
  for (const PortRef& input : graph.inputs(node)) {
    zero.push_back(graph.op(input.node).zero_rule == ZeroRule::kMakes);
  }
  return [zero](const OpRun& run) {
    const at::Tensor weights = run.params[0].to(run.inputs[0].scalar_type());
    at::Tensor sum;
    for (std::size_t i = 0; i < run.inputs.size(); ++i) {
      if (zero[i]) continue;
      const at::Tensor weight = weights.select(0, static_cast<std::int64_t>(i));
      sum =
          sum.defined() ? at::addcmul(sum, run.inputs[i], weight) : at::mul(run.inputs[i], weight);
    }
    return sum.defined() ? sum : run.inputs[0];
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
