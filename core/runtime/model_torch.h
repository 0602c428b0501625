#pragma once

#include <ATen/core/Tensor.h>

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/runtime/model.h"
#include "core/runtime/ops/op_torch.h"
#include "core/util/error.h"

namespace nas {

/// Sees a node that has run. Gradients: a tap may call `retain_grad()` or `register_hook()` on
/// `output`, or keep it for a later call of the autograd engine. While a tap is set no tensor is
/// overwritten.
using Tap =
    std::function<void(NodeId node, std::span<const at::Tensor> inputs, const at::Tensor& output)>;

struct ForwardOptions {
  bool training = false;          ///< dropout drops
  bool batch_statistics = false;  ///< batch_norm uses and records the batch's mean and variance
  bool all_nodes = false;         ///< also run what no output needs (zero-cost proxies count it)
  Rng* chance = nullptr;          ///< Requires non-null when training a graph with dropout
  Tap tap{};
};

/// The order in which nodes run, and when their results can be dropped or overwritten.
struct ExecutionPlan {
  struct Step {
    NodeId node = 0;
    std::vector<NodeId>
        inputs;  ///< zeros left out of sums; an expendable term of a sum comes first
    std::vector<bool> last_read;  ///< by input
    bool overwrite = false;
  };
  std::vector<Step> steps;
};
ExecutionPlan make_plan(const ArchGraph& graph, bool all_nodes);

/// Tensors and kernels of a Model. Parameters are leaves of the autograd graph in float32 (float64
/// after `set_precision(at::kDouble)`), on the device; convolution weights are channels last on the
/// CPU.
struct ModelImpl {
  ModelImpl(const ArchGraph& source, const RngKey& key);
  /// With given tensors, which may be views of others; `tensors` as the member.
  ModelImpl(const ArchGraph& source, std::vector<std::vector<at::Tensor>> tensors);

  /// The graph's outputs in its order, in the parameters' precision. images: [N, C, H, W], any
  /// layout.
  std::vector<at::Tensor> forward(const at::Tensor& images, const ForwardOptions& options) const;

  /// kFloat, kDouble (parameters as well, for gradient checks) or kBFloat16 (activations only).
  void set_precision(at::ScalarType type);

  /// Calls visit(name, tensor, spec) for all tensors in node order; name = path + "." +
  /// ParamSpec::name.
  using Visitor =
      std::function<void(const std::string& name, at::Tensor& tensor, const ParamSpec& spec)>;
  void visit(const Visitor& visitor);
  std::vector<at::Tensor> parameters() const;  ///< trainable ones in node order

  ArchGraph graph;
  std::vector<std::vector<at::Tensor>> tensors;  ///< by node, in the order of ArchGraph::params
  std::vector<OpKernel> kernels;                 ///< by node; empty for inputs
  ExecutionPlan live_plan;
  ExecutionPlan full_plan;
  at::ScalarType compute_type = at::kFloat;
  at::Device device = at::kCPU;
};

/// A fresh tensor on the device with the initial values that `stream` draws.
at::Tensor initial_tensor(const ParamSpec& spec, const Rng& stream, at::Device device);

/// The layout that the kernels like.
at::MemoryFormat best_layout(const at::Tensor& tensor, at::Device device);

/// CUDA when LibTorch has it and a device is there, otherwise the CPU. The only place that decides.
at::Device pick_device();

/// [N, C, H, W] (or [N, F]) from row-major host memory, on the device, in the layout that the
/// kernels like.
at::Tensor image_tensor(std::span<const float> images, const Shape& shape, std::int64_t batch,
                        at::Device device);

/// Runs `body`; a c10::Error leaves as nas::Error of one line: "what: ...".
void translate_torch_errors(std::string_view what, const std::function<void()>& body);

}  // namespace nas
