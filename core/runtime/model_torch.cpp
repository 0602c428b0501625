#include "core/runtime/model_torch.h"

#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <ATen/ops/empty.h>
#include <c10/core/GradMode.h>
#include <dlfcn.h>
#include <malloc.h>

#include <cmath>
#include <cstring>

#include "core/ir/cost.h"
#include "core/runtime/entries_torch.h"
#include "core/util/interruption.h"

namespace nas {
namespace {

/// Activations of 8 MB come and go in every layer. Above its threshold glibc maps and unmaps each
/// of them, and the kernel clears every page again: it is faster to keep the memory. (32 MB is
/// glibc's upper limit.)
void keep_large_blocks() {
  static const bool kDone = [] {
    mallopt(M_MMAP_THRESHOLD, 32 << 20);
    mallopt(M_TRIM_THRESHOLD, 1 << 30);
    return true;
  }();
  static_cast<void>(kDone);
}

void fill(at::Tensor& tensor, const ParamSpec& spec, const Rng& stream) {
  if (spec.init == ParamInit::kOnes || spec.init == ParamInit::kZeros) {
    tensor.fill_(spec.init == ParamInit::kOnes ? 1.0 : 0.0);
    return;
  }
  Rng rng = stream;
  const double bound = 1 / std::sqrt(static_cast<double>(std::max<std::int64_t>(spec.fan_in, 1)));
  auto* values = tensor.data_ptr<float>();
  for (std::int64_t i = 0; i < tensor.numel(); ++i) {
    values[i] = static_cast<float>(rng.uniform(-bound, bound));
  }
}

}  // namespace

at::MemoryFormat best_layout(const at::Tensor& tensor, at::Device device) {
  return tensor.dim() == 4 && device.is_cpu() ? at::MemoryFormat::ChannelsLast
                                              : at::MemoryFormat::Contiguous;
}

at::Tensor initial_tensor(const ParamSpec& spec, const Rng& stream, at::Device device) {
  const auto dims = spec.shape.dims();
  at::Tensor tensor =
      at::empty(at::IntArrayRef(dims.data(), dims.size()), at::TensorOptions(at::kFloat));
  fill(tensor, spec, stream);
  tensor = tensor.contiguous(best_layout(tensor, device)).to(device);
  tensor.set_requires_grad(spec.trainable);
  return tensor;
}

at::Device pick_device() {
  return at::hasCUDA() ? at::Device(at::kCUDA, 0) : at::Device(at::kCPU);
}

at::Tensor image_tensor(std::span<const float> images, const Shape& shape, std::int64_t batch,
                        at::Device device) {
  NAS_CHECK(static_cast<std::int64_t>(images.size()) == batch * shape.elements(),
            "pixels do not match batch and shape");
  std::vector<std::int64_t> sizes{batch};
  sizes.insert(sizes.end(), shape.dims().begin(), shape.dims().end());
  at::Tensor tensor = at::empty(sizes, at::TensorOptions(at::kFloat));
  std::memcpy(tensor.data_ptr<float>(), images.data(), images.size_bytes());
  return tensor.contiguous(best_layout(tensor, device)).to(device);
}

void translate_torch_errors(std::string_view what, const std::function<void()>& body) {
  try {
    body();
  } catch (const c10::Error& error) {
    std::string text = error.what_without_backtrace();
    text = text.substr(0, text.find('\n'));
    throw Error(ErrorKind::kInternal, std::string(what) + ": LibTorch: " + text);
  }
}

namespace {

std::vector<std::vector<at::Tensor>> initial_tensors(const ArchGraph& graph, const RngKey& key) {
  const Rng rng(RngKey{key.seed, key.study, key.trial, Purpose::kInit});
  std::vector<std::vector<at::Tensor>> tensors(graph.size());
  for (NodeId node = 0; node < graph.size(); ++node) {
    const ParamList params = graph.params(node);
    for (const ParamSpec& spec : params) {
      const std::string name = graph.path(node) + "." + std::string(spec.name);
      tensors[node].push_back(initial_tensor(spec, rng.stream(stable_hash(name)), pick_device()));
    }
  }
  return tensors;
}

}  // namespace

ModelImpl::ModelImpl(const ArchGraph& source, const RngKey& key)
    : ModelImpl(source, initial_tensors(source, key)) {}

ModelImpl::ModelImpl(const ArchGraph& source, std::vector<std::vector<at::Tensor>> given)
    : graph(source), tensors(std::move(given)), kernels(source.size()), device(pick_device()) {
  keep_large_blocks();
  if (is_circuit(graph)) {
    throw Error(ErrorKind::kUnsupported,
                "LibTorch cannot run a quantum circuit; its angles are fitted by "
                "problems such as --data ground_state:h2");
  }
  if (graph.graph_inputs().size() != 1) {
    throw Error(ErrorKind::kUnsupported, "a network with " +
                                             std::to_string(graph.graph_inputs().size()) +
                                             " inputs; training and timing need exactly one");
  }
  for (NodeId node = 0; node < graph.size(); ++node) {
    if (!graph.inputs(node).empty())
      kernels[node] = find_builder(graph.op(node).name).make(graph, node);
  }
  live_plan = make_plan(graph, false);
  full_plan = make_plan(graph, true);
}

std::vector<at::Tensor> ModelImpl::forward(const at::Tensor& images,
                                           const ForwardOptions& options) const {
  const ExecutionPlan& plan = options.all_nodes ? full_plan : live_plan;
  std::vector<at::Tensor> values(graph.size());
  at::Tensor& first = values[graph.graph_inputs()[0]];
  first = images.to(device, compute_type).contiguous(best_layout(images, device));
  std::vector<at::Tensor> inputs;
  for (const ExecutionPlan::Step& step : plan.steps) {
    check_interruption();
    inputs.clear();
    for (std::size_t i = 0; i < step.inputs.size(); ++i) {
      at::Tensor& value = values[step.inputs[i]];
      inputs.push_back(step.last_read[i] ? std::move(value) : value);
    }
    values[step.node] = kernels[step.node]({.inputs = inputs,
                                            .params = tensors[step.node],
                                            .training = options.training,
                                            .batch_statistics = options.batch_statistics,
                                            .overwrite = step.overwrite && !options.tap,
                                            .chance = options.chance});
    if (options.tap) options.tap(step.node, inputs, values[step.node]);
  }
  std::vector<at::Tensor> outputs;
  for (const GraphOutput& output : graph.graph_outputs()) {
    const at::Tensor& value = values[output.value.node];
    outputs.push_back(compute_type == at::kBFloat16 ? value.to(at::kFloat) : value);
  }
  return outputs;
}

void ModelImpl::set_precision(at::ScalarType type) {
  compute_type = type;
  const at::ScalarType stored = type == at::kDouble ? at::kDouble : at::kFloat;
  for (std::vector<at::Tensor>& owned : tensors) {
    for (at::Tensor& tensor : owned) {
      if (tensor.scalar_type() == stored) continue;
      const bool trainable = tensor.requires_grad();
      tensor = tensor.detach().to(stored).set_requires_grad(trainable);
    }
  }
}

void ModelImpl::visit(const Visitor& visitor) {
  for (NodeId node = 0; node < graph.size(); ++node) {
    const ParamList params = graph.params(node);
    std::size_t index = 0;
    for (const ParamSpec& spec : params) {
      visitor(graph.path(node) + "." + std::string(spec.name), tensors[node][index++], spec);
    }
  }
}

std::vector<at::Tensor> ModelImpl::parameters() const {
  std::vector<at::Tensor> result;
  for (const std::vector<at::Tensor>& owned : tensors) {
    for (const at::Tensor& tensor : owned) {
      if (tensor.requires_grad()) result.push_back(tensor);
    }
  }
  return result;
}

namespace on_torch {

std::shared_ptr<ModelImpl> make_model(const ArchGraph& graph, const RngKey& key) {
  return std::make_shared<ModelImpl>(graph, key);
}

std::vector<float> predict(const ModelImpl& model, std::span<const float> images,
                           std::int64_t batch) {
  const NodeId input = model.graph.graph_inputs()[0];
  const Shape& shape = model.graph.output_types(input)[0].shape;
  std::vector<float> logits;
  translate_torch_errors("predict", [&] {
    const c10::NoGradGuard no_grad;
    const at::Tensor pixels = image_tensor(images, shape, batch, model.device);
    const at::Tensor output = model.forward(pixels, {})[0].to(at::kCPU, at::kFloat).contiguous();
    const auto* values = output.data_ptr<float>();
    logits.assign(values, values + output.numel());
  });
  return logits;
}

void set_intra_op_threads(int threads) {
  at::set_num_threads(threads);
  // OpenBLAS with threads of its own follows neither OpenMP nor LibTorch. Which BLAS is there is
  // decided when the program is loaded.
  using SetThreads = void (*)(int);
  static const auto kBlasThreads =
      reinterpret_cast<SetThreads>(::dlsym(RTLD_DEFAULT, "openblas_set_num_threads"));
  if (kBlasThreads != nullptr) kBlasThreads(threads);
  static const bool kInterOp = (at::set_num_interop_threads(1), true);
  static_cast<void>(kInterOp);
}

}  // namespace on_torch
}  // namespace nas
