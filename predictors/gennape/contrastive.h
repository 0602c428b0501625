#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <vector>

#include "core/util/rng.h"
#include "predictors/gennape/comp_graph.h"
#include "predictors/gennape/encoder.h"
#include "predictors/gennape/spectrum.h"
#include "predictors/nasflat/tape.h"

namespace nas {

/// What the paper leaves to its supplement; ours.
struct ContrastiveSettings {
  double dropout = 0.1;
  double temperature = 0.1;            ///< tau, of the similarity of embeddings
  double spectral_temperature = 0.05;  ///< T, of that of spectra (SDM-23 paper of the group)
};

/// The graph encoder that GENNAPE learns by comparing graphs: every graph of a batch is embedded
/// twice with other dropout; of its similarities to all others, soft-maxed, the cross-entropy with
/// soft-max(-sigma / T) is least, where sigma is the distance of spectra. An embedding is the mean
/// over the nodes after every layer, side by side; a perceptron kWidth-128-64 projects it for the
/// loss alone. Single precision, one thread.
class ContrastiveNet {
 public:
  static constexpr std::size_t kWidth = CgEncoder::kParts * CgEncoder::kWidth;  ///< 224

  ContrastiveNet() = default;
  explicit ContrastiveNet(Rng rng);

  /// [graphs, kWidth], without dropout.
  CgMatrix<float> embed(std::span<const CompGraph> graphs) const;

  /// Mean over the 2 n embeddings of a batch, and its gradient by parameter. Requires two graphs.
  double loss(std::span<const CompGraph* const> graphs, std::span<const Spectrum* const> spectra,
              const ContrastiveSettings& settings, Rng noise, std::vector<float>& gradient) const;

  /// Of the encoder, then of the projection.
  const std::vector<float>& parameters() const { return parameters_; }
  std::vector<float>& parameters() { return parameters_; }
  /// Those that `embed` needs.
  std::span<const float> encoder() const { return std::span(parameters_).first(CgEncoder::size()); }

 private:
  TensorPlace first_, first_bias_, second_, second_bias_;  ///< behind the encoder
  std::vector<float> parameters_;
};

struct ContrastiveTraining {
  ContrastiveSettings settings;
  int epochs = 20;
  std::size_t batch = 256;
  double learning_rate = 1e-3;  ///< of AdamW, cosine to 0
  double weight_decay = 1e-4;
};
/// `each_epoch` is called after each epoch with the mean loss and may throw.
void train(ContrastiveNet& net, std::span<const CompGraph* const> graphs,
           const ContrastiveTraining& training, Rng rng,
           const std::function<void(int epoch, double loss)>& each_epoch);

}  // namespace nas
