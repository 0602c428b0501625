#pragma once

#include <memory>
#include <vector>

#include "core/api/latency_model.h"
#include "core/ir/arch_graph.h"

namespace nas {

/// Times a forward pass on this machine: settings batch and threads of the device; 3 warm-up
/// passes, then repetitions until 0.2 s (but at least 5) or 50 passes; median with quartiles.
/// Source kMeasured, exclusive.
std::unique_ptr<LatencyModel> make_host_latency_model();

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
/// `LatencyModel::estimate`.
LayerLatencies measure_layers(const ArchGraph& graph, const Device& device);

/// Device{"host", "cpu", "batch=B,threads=T,precision=float32"}.
Device host_device(std::int64_t batch, std::int64_t threads);

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
