#include "core/runtime/latency.h"

#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <thread>

#include "core/api/device_settings.h"
#include "core/runtime/cpu_features.h"
#include "core/runtime/engines/onnx_runtime.h"
#include "core/runtime/entries.h"
#include "core/util/error.h"
#include "core/util/text.h"

namespace nas {
namespace {

/// Does a device's settings name ONNX Runtime, of whatever version?
bool is_of_onnx_runtime(std::string_view settings) {
  return known_settings(settings).runtime.starts_with(kOnnxRuntime);
}

class HostLatencyModel final : public LatencyModel {
 public:
  const Info& info() const override { return info_; }
  LatencyEstimate estimate(const ArchGraph& graph, const Device& device) const override {
    return time_on_host(graph, device, {}).latency;
  }

 private:
  Info info_{.name = "host", .source = MetricSource::kMeasured, .exclusive = true};
};

}  // namespace

std::unique_ptr<LatencyModel> make_host_latency_model() {
  return std::make_unique<HostLatencyModel>();
}

LayerLatencies measure_layers(const ArchGraph& graph, const Device& device) {
  if (is_of_onnx_runtime(device.settings)) {
    throw Error(ErrorKind::kUnsupported, "device '" + device.name +
                                             "' runs ONNX Runtime, in which whole networks are "
                                             "timed; layers are timed in LibTorch alone");
  }
  return torch_table<RuntimeTorch>().measure_layers(graph, device);
}

HostTiming time_on_host(const ArchGraph& graph, const Device& device,
                        const TimingOptions& options) {
  if (is_of_onnx_runtime(device.settings)) return time_on_onnx_runtime(graph, device, options);
  return torch_table<RuntimeTorch>().time_on_host(graph, device, options);
}

std::string drift_text(const HostTiming& timing) {
  constexpr double kTolerated = 0.1;
  std::vector<std::string> findings;
  const auto percent = [](double part) { return format_short(100 * std::abs(part), 2) + " %"; };
  if (std::abs(timing.drift) > kTolerated) {
    findings.push_back("its passes became " + percent(timing.drift) +
                       (timing.drift > 0 ? " slower" : " faster") + " while it was measured");
  }
  if (std::abs(timing.clock_drift) > kTolerated) {
    findings.push_back("the processor became " + percent(timing.clock_drift) +
                       (timing.clock_drift > 0 ? " slower" : " faster") + " meanwhile");
  }
  return join(findings, ", ");
}

Device host_device(std::int64_t batch, std::int64_t threads, std::string_view precision,
                   std::string_view engine) {
  const std::vector<std::string> engines = split(kHostEngines, '|');
  if (std::ranges::find(engines, engine) == engines.end()) {
    throw Error(ErrorKind::kUsage, unknown_name("runtime", printable(engine), engines));
  }
  return {
      "host", "cpu",
      to_text(DeviceSettings{.batch = batch,
                             .threads = threads,
                             .precision = std::string(precision),
                             .runtime = engine == kOnnxRuntime ? onnx_runtime() : this_runtime(),
                             .machine = this_machine()})};
}

std::string_view host_precisions(std::string_view engine) {
  return engine == kOnnxRuntime ? "float32" : "float32|bfloat16";
}

std::string this_runtime() {
  return std::string("libtorch ") + NAS_TORCH_VERSION;
}

std::string this_machine() {
  static const std::string kMachine = [] {
    constexpr std::size_t kLongest = 256;
    char own[kLongest + 1] = "";
    if (gethostname(own, kLongest) != 0 || own[0] == '\0') std::snprintf(own, kLongest, "unnamed");
    const char* given = std::getenv("SEARCHLIGHT_MACHINE");
    const std::string name = printable(given != nullptr && *given != '\0' ? given : own);
    return name + " (" + cpu_model_name() + " " + simd_level() + " x" +
           std::to_string(std::thread::hardware_concurrency()) + ")";
  }();
  return kMachine;
}

bool is_this_host(const Device& device) {
  try {
    const DeviceSettings settings = parse_device_settings(device.settings);
    if (settings.machine.empty()) return device.name == "host";
    if (settings.machine != this_machine()) return false;
    return settings.runtime ==
           (is_of_onnx_runtime(device.settings) ? onnx_runtime() : this_runtime());
  } catch (const Error&) {
    return false;
  }
}

std::string other_machine_text(const Device& device) {
  std::string text = "this is machine '" + this_machine() + "' with " + this_runtime();
  if (!is_of_onnx_runtime(device.settings)) return text;
  try {
    return text + " and " + onnx_runtime();
  } catch (const Error& error) {
    return text + "; " + error.what();
  }
}

RuntimeInfo runtime_info() {
  const BlasLibrary blas = loaded_blas();
  return {.torch_version = NAS_TORCH_VERSION,
          .blas = blas.text,
          .blas_is_fast = blas.fast,
          .simd = simd_level(),
          .cpu = cpu_model_name(),
          // LibTorch's own default counts one core on some virtual machines; we always set it.
          .threads = static_cast<int>(std::thread::hardware_concurrency()),
          .bfloat16 = has_native_bfloat16()};
}

bool cuda_is_available() {
  return torch_table<RuntimeTorch>().cuda_is_available();
}

double measured_matmul_gflops() {
  return torch_table<RuntimeTorch>().measured_matmul_gflops();
}

double measured_conv_gflops() {
  return torch_table<RuntimeTorch>().measured_conv_gflops();
}

}  // namespace nas
