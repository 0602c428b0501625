#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/data/batch_loader.h"
#include "core/runtime/model.h"
#include "predictors/zerocost/evidence.h"
#include "predictors/zerocost/proxy.h"

namespace nas {

/// What one network is measured with. The passes change the model's weights: the engine runs them
/// in the order of this list.
struct Measurement {
  const ArchGraph& graph;
  const ScoreSettings& settings;
  const std::vector<Batch>& batches;
  std::uint32_t needs = 0;
  std::int64_t kernel_images = 0;
  RngKey key;  ///< of this initialisation
};

/// A pass over the network; a no-op when nothing of it is needed.
using Pass = void (*)(const Measurement&, Model&, Evidence&);

/// `pass`; LibTorch's errors leave as Error of one line.
void run_translated(Pass pass, const Measurement&, Model&, Evidence&);  // taps_torch.cpp

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
void redraw_weights(Model& model, WeightLaw law, const RngKey& key);  // taps_torch.cpp

}  // namespace nas
