#include <ATen/Parallel.h>
#include <c10/core/GradMode.h>

#include <chrono>

#include "core/runtime/entries_torch.h"
#include "core/runtime/model_torch.h"
#include "core/util/statistics.h"
#include "core/util/text.h"

namespace nas {
namespace {

constexpr int kWarmUpPasses = 3;
// A median of fewer is no measurement: one pass of a slow network varied by a factor of four.
constexpr std::size_t kMinPasses = 5;
constexpr std::size_t kMaxPasses = 50;
constexpr double kMaxSeconds = 0.2;

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

struct Settings {
  std::int64_t batch = 1;
  int threads = 1;
};

Settings parse_settings(const Device& device) {
  Settings settings;
  const auto fail = [&](const std::string& text) {
    throw Error(ErrorKind::kUnsupported,
                "device '" + device.name + ":" + device.settings + "': " + text);
  };
  if (device.name != "host") fail("only 'host' can be measured here");
  for (const std::string& item : split(device.settings, ',')) {
    const std::vector<std::string> pair = split(item, '=');
    if (item.empty()) continue;
    if (pair.size() != 2) fail("'" + item + "' is not name=value");
    if (pair[0] == "precision") {
      if (pair[1] != "float32") fail("precision '" + pair[1] + "', only float32 is measured");
      continue;
    }
    const auto value = parse_int(pair[1]);
    if (pair[0] != "batch" && pair[0] != "threads") fail("unknown setting '" + pair[0] + "'");
    if (!value || *value < 1 || *value > 4096) fail(pair[0] + " must be a number in [1, 4096]");
    if (pair[0] == "batch") settings.batch = *value;
    if (pair[0] == "threads") settings.threads = static_cast<int>(*value);
  }
  return settings;
}

/// Sets the thread count while it lives.
class ThreadScope {
 public:
  explicit ThreadScope(int threads) : before_(at::get_num_threads()) {
    at::set_num_threads(threads);
  }
  ~ThreadScope() { at::set_num_threads(before_); }
  ThreadScope(const ThreadScope&) = delete;
  ThreadScope& operator=(const ThreadScope&) = delete;

 private:
  int before_;
};

LatencyEstimate summary(const std::vector<double>& milliseconds) {
  return {.milliseconds = median(milliseconds),
          .low = quantile(milliseconds, 0.25),
          .high = quantile(milliseconds, 0.75),
          .runs = static_cast<std::int64_t>(milliseconds.size())};
}

at::Tensor grey_images(const ModelImpl& model, std::int64_t batch) {
  const Shape& shape = model.graph.output_types(model.graph.graph_inputs()[0])[0].shape;
  const std::vector<float> pixels(static_cast<std::size_t>(batch * shape.elements()), 0.5F);
  return image_tensor(pixels, shape, batch, model.device);
}

/// Milliseconds of each pass after the warm-up; `before_timing` is called between the two.
template <class Start>
std::vector<double> time_passes(const ModelImpl& model, const at::Tensor& images,
                                const Start& before_timing) {
  const c10::NoGradGuard no_grad;
  // Reading one number waits for a device that works asynchronously.
  const auto pass = [&] { return model.forward(images, {})[0].sum().item<float>(); };
  for (int i = 0; i < kWarmUpPasses; ++i) pass();
  before_timing();
  std::vector<double> milliseconds;
  const auto start = std::chrono::steady_clock::now();
  while (milliseconds.size() < kMaxPasses &&
         (milliseconds.size() < kMinPasses || seconds_since(start) < kMaxSeconds)) {
    const auto begin = std::chrono::steady_clock::now();
    pass();
    milliseconds.push_back(1e3 * seconds_since(begin));
  }
  return milliseconds;
}

/// `kernel`, which notes in `milliseconds` how long each of its runs took.
OpKernel timed(OpKernel kernel, at::Device device, std::vector<double>& milliseconds) {
  return [kernel = std::move(kernel), device, &milliseconds](const OpRun& run) {
    const auto begin = std::chrono::steady_clock::now();
    at::Tensor result = kernel(run);
    if (!device.is_cpu()) result.sum().item<float>();  // waits until it is there
    milliseconds.push_back(1e3 * seconds_since(begin));
    return result;
  };
}

}  // namespace

LatencyEstimate on_torch::measure_latency(const ArchGraph& graph, const Device& device) {
  const Settings settings = parse_settings(device);
  const ThreadScope threads(settings.threads);
  std::vector<double> milliseconds;
  translate_torch_errors("latency on this host", [&] {
    const ModelImpl model(graph, RngKey{});
    milliseconds = time_passes(model, grey_images(model, settings.batch), [] {});
  });
  return summary(milliseconds);
}

LayerLatencies on_torch::measure_layers(const ArchGraph& graph, const Device& device) {
  const Settings settings = parse_settings(device);
  const ThreadScope threads(settings.threads);
  std::vector<std::vector<double>> by_node(graph.size());
  std::vector<double> whole;
  translate_torch_errors("latency on this host", [&] {
    ModelImpl model(graph, RngKey{});
    for (NodeId node = 0; node < graph.size(); ++node) {
      by_node[node].reserve(kMaxPasses);
      if (model.kernels[node])
        model.kernels[node] = timed(std::move(model.kernels[node]), model.device, by_node[node]);
    }
    whole = time_passes(model, grey_images(model, settings.batch), [&] {
      for (std::vector<double>& milliseconds : by_node) milliseconds.clear();
    });
  });
  LayerLatencies result{.layers = {}, .whole = summary(whole)};
  for (NodeId node = 0; node < graph.size(); ++node) {
    if (by_node[node].empty()) continue;
    const LatencyEstimate layer = summary(by_node[node]);
    result.layers.push_back({node, layer.milliseconds, layer.low, layer.high});
  }
  return result;
}

}  // namespace nas
