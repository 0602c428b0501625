#include <ATen/Parallel.h>
#include <c10/core/GradMode.h>

#include <algorithm>

#include "core/runtime/entries_torch.h"
#include "core/runtime/model_torch.h"
#include "core/runtime/pass_timing.h"
#include "core/runtime/thread_pins.h"
#include "core/util/stopwatch.h"

namespace nas {
namespace {

/// Sets the thread count while it lives, that of BLAS as well.
class ThreadScope {
 public:
  explicit ThreadScope(int threads) : before_(at::get_num_threads()) {
    on_torch::set_intra_op_threads(threads);
  }
  ~ThreadScope() { on_torch::set_intra_op_threads(before_); }
  ThreadScope(const ThreadScope&) = delete;
  ThreadScope& operator=(const ThreadScope&) = delete;

 private:
  int before_;
};

/// A parallel loop that is cut in the same way gives each thread the same part.
void on_each_thread(int threads, const std::function<void(std::size_t)>& body) {
  at::parallel_for(0, threads, 1, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i) body(static_cast<std::size_t>(i));
  });
}

/// The network as it is timed: weights that are read in the precision of the activations have it
/// already.
ModelImpl make_timed_model(const ArchGraph& graph, const PassSettings& settings) {
  ModelImpl model(graph, RngKey{});
  if (settings.precision == "float32") return model;
  model.set_precision(at::kBFloat16);
  for (NodeId node = 0; node < graph.size(); ++node) {
    if (graph.op(node).role != OpRole::kWeight) continue;
    for (at::Tensor& tensor : model.tensors[node]) tensor = tensor.detach().to(at::kBFloat16);
  }
  return model;
}

at::Tensor grey_images(const ModelImpl& model, std::int64_t batch) {
  const Shape& shape = model.graph.output_types(model.graph.graph_inputs()[0])[0].shape;
  const std::vector<float> pixels(static_cast<std::size_t>(batch * shape.elements()), 0.5F);
  return image_tensor(pixels, shape, batch, model.device).to(model.compute_type);
}

std::function<void()> pass_of(const ModelImpl& model, const at::Tensor& images) {
  return [&model, images] {
    const at::Tensor result = model.forward(images, {})[0];
    // Reading one number waits for a device that works asynchronously.
    if (!model.device.is_cpu()) result.sum().item<float>();
  };
}

/// `kernel`, which notes in `milliseconds` how long each of its runs took.
OpKernel timed(OpKernel kernel, at::Device device, std::vector<double>& milliseconds) {
  return [kernel = std::move(kernel), device, &milliseconds](const OpRun& run) {
    const Stopwatch pass;
    at::Tensor result = kernel(run);
    if (!device.is_cpu()) result.sum().item<float>();  // waits until it is there
    milliseconds.push_back(1e3 * pass.seconds());
    return result;
  };
}

}  // namespace

HostTiming on_torch::time_on_host(const ArchGraph& graph, const Device& device,
                                  const TimingOptions& options) {
  const PassSettings settings = pass_settings(device, "libtorch");
  const ThreadScope threads(settings.threads);
  const c10::NoGradGuard no_grad;
  HostTiming timing;
  translate_torch_errors("latency on this host", [&] {
    const ModelImpl model = make_timed_model(graph, settings);
    const at::Tensor images = grey_images(model, settings.batch);
    const ThreadPins pins(settings.threads, on_each_thread);
    timing = time_engine(pass_of(model, images), settings.threads, options);
    timing.pinned = pins.pinned();
  });
  return timing;
}

LayerLatencies on_torch::measure_layers(const ArchGraph& graph, const Device& device) {
  const PassSettings settings = pass_settings(device, "libtorch");
  const ThreadScope threads(settings.threads);
  const c10::NoGradGuard no_grad;
  std::vector<std::vector<double>> by_node(graph.size());
  std::vector<double> whole;
  translate_torch_errors("latency on this host", [&] {
    ModelImpl model = make_timed_model(graph, settings);
    constexpr std::size_t kRoom = 64;  // no list grows while a pass is timed
    for (NodeId node = 0; node < graph.size(); ++node) {
      by_node[node].reserve(kRoom);
      if (model.kernels[node])
        model.kernels[node] = timed(std::move(model.kernels[node]), model.device, by_node[node]);
    }
    const at::Tensor images = grey_images(model, settings.batch);
    const ThreadPins pins(settings.threads, on_each_thread);
    const auto forget_warm_up = [&] {
      for (std::vector<double>& milliseconds : by_node) milliseconds.clear();
    };
    whole = time_passes(pass_of(model, images), forget_warm_up);
  });
  LayerLatencies result{.layers = {}, .whole = latency_of(whole)};
  for (NodeId node = 0; node < graph.size(); ++node) {
    if (by_node[node].empty()) continue;
    const LatencyEstimate layer = latency_of(by_node[node]);
    result.layers.push_back({node, layer.milliseconds, layer.low, layer.high});
  }
  return result;
}

}  // namespace nas
