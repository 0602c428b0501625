#include "core/runtime/latency.h"

#include <thread>

#include "core/runtime/cpu_features.h"
#include "core/runtime/entries.h"

namespace nas {
namespace {

class HostLatencyModel final : public LatencyModel {
 public:
  const Info& info() const override { return info_; }
  LatencyEstimate estimate(const ArchGraph& graph, const Device& device) const override {
    return torch_table<RuntimeTorch>().measure_latency(graph, device);
  }

 private:
  Info info_{.name = "host", .source = MetricSource::kMeasured, .exclusive = true};
};

}  // namespace

std::unique_ptr<LatencyModel> make_host_latency_model() {
  return std::make_unique<HostLatencyModel>();
}

LayerLatencies measure_layers(const ArchGraph& graph, const Device& device) {
  return torch_table<RuntimeTorch>().measure_layers(graph, device);
}

Device host_device(std::int64_t batch, std::int64_t threads) {
  return {"host", "cpu",
          "batch=" + std::to_string(batch) + ",threads=" + std::to_string(threads) +
              ",precision=float32"};
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
