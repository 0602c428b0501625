#pragma once

#include "core/runtime/model.h"
#include "predictors/zerocost/diswot_terms.h"
#include "predictors/zerocost/passes.h"

namespace nas {

// The passes over a network; each is a no-op when nothing of it is needed. Some change the model's
// weights: they run in the order of this list.

void copy_weights(const Measurement&, Model&, Evidence&);        // gradients_torch.cpp
void run_gradient_pass(const Measurement&, Model&, Evidence&);   // gradients_torch.cpp
void run_sample_passes(const Measurement&, Model&, Evidence&);   // samples_torch.cpp
void run_feature_pass(const Measurement&, Model&, Evidence&);    // expressivity_torch.cpp
void run_noise_patterns(const Measurement&, Model&, Evidence&);  // expressivity_torch.cpp
void run_flow_pass(const Measurement&, Model&, Evidence&);       // flow_torch.cpp, spoils weights
void run_gaussian_pass(const Measurement&, Model&, Evidence&);   // expressivity_torch.cpp, spoils
void run_block_pass(const Measurement&, Model&, Evidence&);      // blocks_torch.cpp, spoils
void run_fisher_matrix_pass(const Measurement&, Model&, Evidence&);  // samples_torch.cpp, spoils

enum class WeightLaw : std::uint8_t {
  kGaussian,       ///< N(0, 1)
  kKaimingNormal,  ///< N(0, 2 / fan_in)
};
/// Redraws the weights of convolutions and linear layers; biases 0, batch normalisation 1 and 0,
/// running statistics 0 and 1.
void redraw_weights(Model& model, WeightLaw law, const RngKey& key);

/// The network of `graph` with weights of `init` ("normal", "kaiming", "default") drawn by `key`.
Model draw_model(const ArchGraph& graph, const std::string& init, const RngKey& key);

namespace on_torch {
// The functions behind ZerocostTorch.
void measure_network(const Measurement& measurement, Evidence& evidence);
NetworkRelations network_relations(const ArchGraph& graph, const Measurement& measurement,
                                   const std::string& init, const RngKey& key);
}  // namespace on_torch

}  // namespace nas
