#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "core/runtime/checkpoint.h"
#include "core/runtime/latency.h"
#include "core/runtime/model.h"
#include "core/runtime/torch_module.h"
#include "core/runtime/trainer.h"
#include "core/util/safetensors.h"

namespace nas {

/// What core/runtime asks of LibTorch (see torch_module.h), filled in by entries_torch.cpp. Entries
/// named like a public function do what its header says.
struct RuntimeTorch {
  static constexpr const char* kSymbol = "nas_runtime_torch";

  std::shared_ptr<ModelImpl> (*make_model)(const ArchGraph& graph, const RngKey& key);
  std::vector<float> (*predict)(const ModelImpl& model, std::span<const float> images,
                                std::int64_t batch);
  TensorFile (*read_weights)(const ModelImpl& model);
  /// Throws Error(kData), starting with `name`, for tensors that do not fit; the model is then as
  /// it was.
  void (*write_weights)(ModelImpl& model, const TensorFile& file, const std::string& name);
  decltype(&nas::train) train;
  decltype(&nas::evaluate) evaluate;
  decltype(&nas::answers) answers;
  decltype(&nas::observe_nodes) observe_nodes;
  decltype(&nas::recalibrate_batch_norm) recalibrate_batch_norm;
  decltype(&nas::time_on_host) time_on_host;
  decltype(&nas::measure_layers) measure_layers;
  decltype(&nas::measured_matmul_gflops) measured_matmul_gflops;
  decltype(&nas::measured_conv_gflops) measured_conv_gflops;
  decltype(&nas::cuda_is_available) cuda_is_available;
  decltype(&nas::set_intra_op_threads) set_intra_op_threads;
};

}  // namespace nas
