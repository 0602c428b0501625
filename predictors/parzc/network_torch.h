#pragma once

#include <memory>

#include "predictors/parzc/layers_torch.h"
#include "predictors/parzc/regressor.h"

namespace nas {

/// A batch of architectures on tensors. The graph parts are undefined without a host.
struct RankBatch {
  at::Tensor statistics;  ///< [N, inputs]
  at::Tensor operations;  ///< [N, V, K] one-hot; a row of zeros: no such vertex
  at::Tensor adjacency;   ///< [N, V, V], from row to column
};

class RankNetwork {
 public:
  virtual ~RankNetwork() = default;
  /// [N]
  virtual at::Tensor forward(const RankBatch& batch, Chance& chance) const = 0;
};

/// MABN: linear layer, tokens, feed-forwards over the channels, mean over the tokens. Despite the
/// name nothing is transposed: tokens mix in the first layer and in the mean (as released).
class Mixer {
 public:
  Mixer(ParameterSet& set, const MixerShape& shape, std::int64_t inputs, std::int64_t outputs);
  /// [N, inputs] -> [N, outputs]
  at::Tensor operator()(const at::Tensor& statistics, Chance& chance) const;

 private:
  struct FeedForward {
    NormLayer norm;
    DenseLayer in, out;
  };
  at::Tensor run(const FeedForward& block, const at::Tensor& x, Chance& chance) const;

  MixerShape shape_;
  DenseLayer first_;
  BayesianLayer tokens_;
  std::vector<FeedForward> blocks_;
  NormLayer norm_;
  BayesianLayer last_;
};

/// The mixer with the head of ParZC's stand-alone version.
std::unique_ptr<RankNetwork> make_mixer_network(ParameterSet& set, const MixerShape& shape,
                                                std::int64_t inputs);
/// The graph transformer with the mixer's output added to its tokens.
std::unique_ptr<RankNetwork> make_host_network(ParameterSet& set, const MixerShape& mixer,
                                               const HostShape& host, const RankSamples& like);

}  // namespace nas
