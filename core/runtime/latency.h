#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/api/latency_model.h"
#include "core/ir/arch_graph.h"

namespace nas {

/// Times a forward pass on this machine: settings batch, threads and precision of the device; 3
/// warm-up passes, then repetitions until 0.2 s (but at least 5) or 50 passes; median with
/// quartiles. Each thread is held on a processor of its own where there are enough. Source
/// kMeasured, exclusive.
std::unique_ptr<LatencyModel> make_host_latency_model();

/// How a network is timed.
struct TimingOptions {
  /// Memory twice the size of the last cache is written before a pass, by one thread: a device of
  /// more is refused.
  bool cold_caches = false;
};

/// A measurement of this host, and how far it can be trusted.
struct HostTiming {
  LatencyEstimate latency;
  /// Median of the last third of the passes over that of the first third, less 1.
  double drift = 0;
  /// What a fixed loop of multiplications takes after the passes over what it took before, less 1:
  /// the processor's clock fell if it is positive.
  double clock_drift = 0;
  bool pinned = false;  ///< each thread was held on a processor of its own
};
/// As the host latency model, in the engine that the device's runtime names: LibTorch, or ONNX
/// Runtime (core/runtime/engines/onnx_runtime.h). Throws as `LatencyModel::estimate`.
HostTiming time_on_host(const ArchGraph& graph, const Device& device, const TimingOptions& options);
/// "its passes became 23 % slower while it was measured"; "" where passes and clock kept within
/// 10 %.
std::string drift_text(const HostTiming& timing);

/// Time of one node within the passes of a whole network.
struct LayerLatency {
  NodeId node = 0;
  double milliseconds = 0;   ///< median, for one batch
  double low = 0, high = 0;  ///< quartiles
};

struct LayerLatencies {
  std::vector<LayerLatency> layers;  ///< in the order in which they run
  LatencyEstimate whole;             ///< of the same passes, the work between the nodes included
};

/// Times every node of a network in passes as those of the host latency model: each kernel runs
/// where it runs in the pass, with the caches as the nodes before have left them. Nodes that no
/// output needs do not run and are left out. Reading the clock costs some 50 ns a node. Throws as
/// `LatencyModel::estimate`, and Error(kUnsupported) for another engine than LibTorch.
LayerLatencies measure_layers(const ArchGraph& graph, const Device& device);

/// Engines that run networks on this machine, for help: "libtorch|onnxruntime".
inline constexpr std::string_view kHostEngines = "libtorch|onnxruntime";

/// Precisions that an engine is timed in: "float32|bfloat16" of LibTorch. Requires one of
/// kHostEngines.
std::string_view host_precisions(std::string_view engine);

/// This machine under the name "host": kind "cpu", with the settings of core/api/device_settings.h.
/// precision: float32, or bfloat16 (LibTorch alone; activations, and the weights of convolutions
/// and linear layers). Throws Error(kUsage) for an engine that is none of kHostEngines,
/// Error(kUnsupported) for one that is not on this machine.
Device host_device(std::int64_t batch, std::int64_t threads, std::string_view precision = "float32",
                   std::string_view engine = "libtorch");

/// "lab-3 (AMD EPYC AVX512 x2)": the environment's SEARCHLIGHT_MACHINE, else the machine's own name
/// in its network; processor, vector instructions, number of processors.
std::string this_machine();
/// "libtorch 1.13.1": the engine that networks run on unless a device says another.
std::string this_runtime();
/// Can this program measure it: do its settings name this machine and a runtime that is here (a
/// "host" of earlier versions: none)?
bool is_this_host(const Device& device);
/// Why a device that is not this host cannot be measured: "this is machine 'lab-3 (...)' with
/// libtorch 1.13.1", and what is known of ONNX Runtime where the device has it.
std::string other_machine_text(const Device& device);

/// BLAS in use, SIMD level, threads and versions, for `nasctl doctor` and the environment row.
/// Loads nothing.
struct RuntimeInfo {
  std::string torch_version;  ///< that the program was built with
  std::string blas;  ///< "openblas 0.3.21" or "reference BLAS (slow): install libopenblas0-pthread"
  bool blas_is_fast = false;
  std::string simd;  ///< "AVX512"
  std::string cpu;   ///< model name
  int threads = 1;   ///< cores of this machine
  bool bfloat16 = false;
};
RuntimeInfo runtime_info();
bool cuda_is_available();         ///< LibTorch has CUDA and finds a device
double measured_matmul_gflops();  ///< one thread, 512 x 512 x 512, best of 5
double measured_conv_gflops();    ///< one thread, 3x3, 64 channels, 16 x 16, batch 64, best of 5

}  // namespace nas
