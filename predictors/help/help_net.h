#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

#include "core/api/search_space.h"
#include "predictors/help/checkpoint.h"

namespace nas {

// HELP (Lee et al., NeurIPS 2021, arXiv 2106.08630): ranks latencies on a new device by a network
// that was meta-trained on other devices and takes two gradient steps on ten measurements. A device
// is the normalised latencies of ten reference architectures.

/// NAS-Bench-201: 9 nodes x 8 features, row-major: input, the six edges in string order, output,
/// global. `choices`: as in our space (none, skip, 1x1, 3x3, pool).
std::vector<double> help_graph(std::span<const std::uint16_t> choices);
/// FBNet: six numbers a layer: kernel 3, kernel 5, expansion 1, 1 with groups, 3, 6; zeros for
/// skip.
std::vector<double> help_fbnet(std::span<const std::uint16_t> choices);
/// Once-for-All: 20 kernels of {3, 5, 7}, 20 expansions of {3, 4, 6}, 25 resolutions from 128 in
/// steps of 4, one-hot; blocks beyond their stage's depth are zero.
std::vector<double> help_ofa(std::int64_t resolution, std::span<const std::int64_t> depths,
                             std::span<const std::int64_t> kernels,
                             std::span<const std::int64_t> expansions);

/// How the architectures of a space are read: the graph of NAS-Bench-201's cell and the numbers of
/// FBNet and of Once-for-All's MobileNetV3 where the decisions are theirs, else one-hot choices.
/// `help_encoding` throws Error(kUsage) for a resolution that Once-for-All's numbers lack.
HelpEncoder help_encoder(const SearchSpace& space);
std::vector<double> help_encoding(const SearchSpace& space, const Architecture& architecture);

/// Labels: (v - low) / (high - low) * 0.9 + 0.05, low and high those of the device's pool; 0.5
/// where they are equal.
double help_label(double value, double low, double high);
/// Latencies of the reference architectures, scaled to [0, 1] by their own extremes; 0.5 where all
/// are equal.
std::vector<double> help_embedding(std::span<const double> reference_latencies);

/// The network in double precision, adapted to one device at a time. Not thread-safe while it is
/// adapted; predictions are.
class HelpNet {
 public:
  /// Throws Error(kData) for a tensor that is missing or of another size.
  HelpNet(HelpEncoder encoder, const HelpTensors& tensors);
  ~HelpNet();

  struct Modulation {
    std::vector<double> weights;  ///< mean of z_w: one for each input column of the head's layers
    std::vector<double> biases;   ///< mean of z_b
    double kl = 0;                ///< of the 603 Gaussians to the standard one
  };
  Modulation modulation(std::span<const double> embedding) const;

  /// Starts from the meta-learned weights, for the device of this embedding; with `modulated` the
  /// head is rescaled by the mean of z.
  void start(std::span<const double> embedding, bool modulated);
  /// One step theta <- theta - alpha g on the mean squared error, with the learned rate of each
  /// parameter. Returns the loss before the step.
  double step(std::span<const std::vector<double>> encodings, std::span<const double> labels);
  double loss(std::span<const std::vector<double>> encodings, std::span<const double> labels) const;
  std::vector<double> predict(std::span<const std::vector<double>> encodings) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace nas
