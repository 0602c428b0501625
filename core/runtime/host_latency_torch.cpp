#include <ATen/Parallel.h>
#include <c10/core/GradMode.h>
#include <unistd.h>

#include <algorithm>

#include "core/api/device_settings.h"
#include "core/runtime/entries_torch.h"
#include "core/runtime/model_torch.h"
#include "core/runtime/thread_pins_torch.h"
#include "core/util/statistics.h"
#include "core/util/stopwatch.h"

namespace nas {
namespace {

constexpr int kWarmUpPasses = 3;
// A median of fewer is no measurement: one pass of a slow network varied by a factor of four.
constexpr std::size_t kMinPasses = 5;
constexpr std::size_t kMaxPasses = 50;
constexpr double kMaxSeconds = 0.2;

struct Settings {
  std::int64_t batch = 1;
  int threads = 1;
  at::ScalarType precision = at::kFloat;
};

Settings parse_settings(const Device& device) {
  const std::string what = "device '" + device.name + ":" + device.settings + "'";
  const auto fail = [&](const std::string& text) {
    throw Error(ErrorKind::kUnsupported, what + ": " + text);
  };
  DeviceSettings given;
  try {
    given = parse_device_settings(device.settings);
  } catch (const Error& error) {
    throw error.with_context(what);
  }
  if (!is_this_host(device)) {
    fail(given.machine.empty() ? "only 'host' and devices of this machine can be measured here"
                               : "this is machine '" + this_machine() + "' with " + this_runtime());
  }
  Settings settings{given.batch.value_or(1), static_cast<int>(given.threads.value_or(1))};
  if (given.precision == "bfloat16") settings.precision = at::kBFloat16;
  if (!given.precision.empty() && given.precision != "float32" && given.precision != "bfloat16") {
    fail("precision '" + given.precision + "', only float32 and bfloat16 are measured");
  }
  return settings;
}

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

LatencyEstimate summary(const std::vector<double>& milliseconds) {
  return {.milliseconds = median(milliseconds),
          .low = quantile(milliseconds, 0.25),
          .high = quantile(milliseconds, 0.75),
          .runs = static_cast<std::int64_t>(milliseconds.size())};
}

/// The network as it is timed: weights that are read in the precision of the activations have it
/// already.
ModelImpl make_timed_model(const ArchGraph& graph, at::ScalarType precision) {
  ModelImpl model(graph, RngKey{});
  if (precision == at::kFloat) return model;
  model.set_precision(precision);
  for (NodeId node = 0; node < graph.size(); ++node) {
    if (graph.op(node).role != OpRole::kWeight) continue;
    for (at::Tensor& tensor : model.tensors[node]) tensor = tensor.detach().to(precision);
  }
  return model;
}

at::Tensor grey_images(const ModelImpl& model, std::int64_t batch) {
  const Shape& shape = model.graph.output_types(model.graph.graph_inputs()[0])[0].shape;
  const std::vector<float> pixels(static_cast<std::size_t>(batch * shape.elements()), 0.5F);
  return image_tensor(pixels, shape, batch, model.device).to(model.compute_type);
}

/// Writes memory twice the size of the last cache, so that nothing of a network is left in any.
class CacheSweep {
 public:
  CacheSweep() {
    const long cache = sysconf(_SC_LEVEL3_CACHE_SIZE);
    constexpr std::size_t kLeast = std::size_t{64} << 20, kMost = std::size_t{512} << 20;
    memory_.resize(std::clamp(static_cast<std::size_t>(std::max(cache, 0L)) * 2, kLeast, kMost));
  }
  void operator()() {
    constexpr std::size_t kLine = 64;
    for (std::size_t i = 0; i < memory_.size(); i += kLine) ++memory_[i];
  }

 private:
  std::vector<unsigned char> memory_;
};

/// Milliseconds of each pass after the warm-up; `before_timing` is called between the two,
/// `before_pass` before each.
template <class Start, class Pass>
std::vector<double> time_passes(const ModelImpl& model, const at::Tensor& images,
                                const Start& before_timing, const Pass& before_pass) {
  const c10::NoGradGuard no_grad;
  const auto pass = [&] {
    const at::Tensor result = model.forward(images, {})[0];
    // Reading one number waits for a device that works asynchronously.
    if (!model.device.is_cpu()) result.sum().item<float>();
  };
  for (int i = 0; i < kWarmUpPasses; ++i) pass();
  before_timing();
  std::vector<double> milliseconds;
  const Stopwatch watch;
  while (milliseconds.size() < kMaxPasses &&
         (milliseconds.size() < kMinPasses || watch.seconds() < kMaxSeconds)) {
    before_pass();
    const Stopwatch pass_watch;
    pass();
    milliseconds.push_back(1e3 * pass_watch.seconds());
  }
  return milliseconds;
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

/// Seconds of a chain of multiplications that no processor can shorten: the best of some, so that
/// an interruption does not count.
double loop_seconds() {
  constexpr int kTries = 3, kSteps = 200'000;
  double best = 1;
  for (int i = 0; i < kTries; ++i) {
    const Stopwatch pass;
    volatile std::uint64_t sink = 1;
    std::uint64_t x = sink;
    for (int step = 0; step < kSteps; ++step) x = x * 6364136223846793005ULL + 1;
    sink = x;
    best = std::min(best, pass.seconds());
  }
  return best;
}

/// Median of the last third over that of the first, less 1.
double drift_of(const std::vector<double>& milliseconds) {
  const auto third = static_cast<std::ptrdiff_t>(std::max<std::size_t>(1, milliseconds.size() / 3));
  const double first = median({milliseconds.begin(), milliseconds.begin() + third});
  return median({milliseconds.end() - third, milliseconds.end()}) / first - 1;
}

}  // namespace

HostTiming on_torch::time_on_host(const ArchGraph& graph, const Device& device,
                                  const TimingOptions& options) {
  const Settings settings = parse_settings(device);
  if (options.cold_caches && settings.threads > 1) {
    throw Error(ErrorKind::kUnsupported, "cold caches are those of one thread, not of " +
                                             std::to_string(settings.threads) +
                                             ": each processor has its own");
  }
  const ThreadScope threads(settings.threads);
  HostTiming timing;
  std::vector<double> milliseconds;
  translate_torch_errors("latency on this host", [&] {
    const ModelImpl model = make_timed_model(graph, settings.precision);
    const at::Tensor images = grey_images(model, settings.batch);
    const ThreadPins pins(settings.threads);
    timing.pinned = pins.pinned();
    const double before = loop_seconds();
    if (options.cold_caches) {
      CacheSweep sweep;
      milliseconds = time_passes(
          model, images, [] {}, [&] { sweep(); });
    } else {
      milliseconds = time_passes(
          model, images, [] {}, [] {});
    }
    timing.clock_drift = loop_seconds() / before - 1;
  });
  timing.latency = summary(milliseconds);
  timing.drift = drift_of(milliseconds);
  return timing;
}

LayerLatencies on_torch::measure_layers(const ArchGraph& graph, const Device& device) {
  const Settings settings = parse_settings(device);
  const ThreadScope threads(settings.threads);
  std::vector<std::vector<double>> by_node(graph.size());
  std::vector<double> whole;
  translate_torch_errors("latency on this host", [&] {
    ModelImpl model = make_timed_model(graph, settings.precision);
    for (NodeId node = 0; node < graph.size(); ++node) {
      by_node[node].reserve(kMaxPasses);
      if (model.kernels[node])
        model.kernels[node] = timed(std::move(model.kernels[node]), model.device, by_node[node]);
    }
    const at::Tensor images = grey_images(model, settings.batch);
    const ThreadPins pins(settings.threads);
    const auto forget_warm_up = [&] {
      for (std::vector<double>& milliseconds : by_node) milliseconds.clear();
    };
    whole = time_passes(model, images, forget_warm_up, [] {});
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
