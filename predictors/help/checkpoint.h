#pragma once

#include <map>
#include <span>
#include <string>
#include <vector>

#include "core/api/predictor.h"
#include "predictors/help/help_layers.h"

namespace nas {

/// Tensors of a released checkpoint of HELP, named "GROUP/NAME": model/meta_learner.fc3.weight, ...
using HelpTensors = std::map<std::string, PredictorTensor>;

/// What meta-training learns.
struct HelpWeights {
  HelpLayers<double>::Vector theta;  ///< in the order of HelpLayers
  HelpLayers<double>::Vector rates;  ///< of the inner steps, one for each parameter; many negative
  std::vector<double> modulator;     ///< as HelpGaussians reads it
};

/// The network that the checkpoint is of. Throws Error(kData) where it cannot tell.
HelpLayers<double> help_layers(HelpEncoder encoder, const HelpTensors& tensors);
/// Throws Error(kData) for a tensor that is missing or of another shape.
HelpWeights read_help(const HelpLayers<double>& layers, const HelpTensors& tensors);
HelpTensors write_help(const HelpLayers<double>& layers, const HelpWeights& weights);

constexpr std::size_t kHelpModulations = 603;  ///< 3 x 200 input columns of the head, 3 biases

/// z of a device: what the modulator makes of its hardware embedding, 603 independent Gaussians.
/// `modulator`: weight [10, 10], bias [10], weight [10, 1206], bias [1206], row-major, inputs
/// first; the first half of the outputs are means, softplus of the others deviations.
struct HelpGaussians {
  std::vector<double> mean, deviation;
  std::vector<double> hidden, raw;  ///< of the two layers, for the gradient

  HelpGaussians(std::span<const double> modulator, std::span<const double> embedding);
  double kl() const;  ///< to 603 standard Gaussians
  /// Adds the gradient by the modulator's numbers to `gradient`.
  void add_gradient(std::span<const double> modulator, std::span<const double> embedding,
                    std::span<const double> at_mean, std::span<const double> at_deviation,
                    std::span<double> gradient) const;
};
constexpr std::size_t kHelpModulatorSize =
    (kHelpReferences + 1) * (kHelpReferences + 2 * kHelpModulations);

}  // namespace nas
