#pragma once

#include "core/runtime/entries.h"

namespace nas::on_torch {

// The functions behind RuntimeTorch, one for each entry.

// model_torch.cpp
std::shared_ptr<ModelImpl> make_model(const ArchGraph& graph, const RngKey& key);
std::vector<float> predict(const ModelImpl& model, std::span<const float> images,
                           std::int64_t batch);
void set_intra_op_threads(int threads);
// weights_torch.cpp
TensorFile read_weights(const ModelImpl& model);
void write_weights(ModelImpl& model, const TensorFile& file, const std::string& name);
// trainer_torch.cpp
TrainReport train(Model& model, const TrainSetup& setup, bool with_test);
// evaluate_torch.cpp
std::vector<NamedValue> evaluate(Model& model, const EvaluationSetup& setup);
std::vector<float> answers(Model& model, const EvaluationSetup& setup);
void observe_nodes(Model& model, const EvaluationSetup& setup, const NodeObserver& observer);
void recalibrate_batch_norm(Model& model, const Problem& problem, const Recipe& recipe,
                            const Recalibration& options);
// host_latency_torch.cpp
HostTiming time_on_host(const ArchGraph& graph, const Device& device, const TimingOptions& options);
LayerLatencies measure_layers(const ArchGraph& graph, const Device& device);
// speed_torch.cpp
double measured_matmul_gflops();
double measured_conv_gflops();
bool cuda_is_available();

}  // namespace nas::on_torch
