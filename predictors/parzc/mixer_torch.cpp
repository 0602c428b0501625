#include <ATen/ops/gelu.h>

#include "core/util/error.h"
#include "predictors/parzc/network_torch.h"

namespace nas {
namespace {

constexpr double kNormEpsilon = 1e-5;
constexpr std::int64_t kExpansion = 4;  // of the first feed-forward; the second halves

class MixerNetwork final : public RankNetwork {
 public:
  MixerNetwork(ParameterSet& set, const MixerShape& shape, std::int64_t inputs)
      : dropout_(shape.dropout),
        mixer_(set, shape, inputs, shape.width),
        hidden_(set, "head.hidden", shape.width, shape.width / 2, false),
        output_(set, "head.output", shape.width / 2, 1, false) {}

  at::Tensor forward(const RankBatch& batch, Chance& chance) const override {
    const at::Tensor hidden = chance.dropout(hidden_(mixer_(batch.statistics, chance)), dropout_);
    return output_(hidden).squeeze(1);
  }

 private:
  double dropout_;
  Mixer mixer_;
  DenseLayer hidden_;
  DenseLayer output_;
};

}  // namespace

Mixer::Mixer(ParameterSet& set, const MixerShape& shape, std::int64_t inputs, std::int64_t outputs)
    : shape_(shape),
      first_(set, "mixer.first", inputs, shape.hidden),
      tokens_(set, "mixer.tokens", shape.patch, shape.width) {
  NAS_CHECK(shape.hidden % shape.patch == 0, "hidden units make whole tokens");
  for (std::int64_t i = 0; i < 2 * shape.depth; ++i) {
    const std::string name = "mixer.blocks." + std::to_string(i);
    const std::int64_t inside = i % 2 == 0 ? kExpansion * shape.width : shape.width / 2;
    blocks_.push_back({NormLayer(set, name + ".norm", shape.width, kNormEpsilon),
                       DenseLayer(set, name + ".in", shape.width, inside),
                       DenseLayer(set, name + ".out", inside, shape.width)});
  }
  norm_ = NormLayer(set, "mixer.norm", shape.width, kNormEpsilon);
  last_ = BayesianLayer(set, "mixer.last", shape.width, outputs);
}

at::Tensor Mixer::run(const FeedForward& block, const at::Tensor& x, Chance& chance) const {
  const at::Tensor inside = chance.dropout(at::gelu(block.in(block.norm(x))), shape_.dropout);
  return x + chance.dropout(block.out(inside), shape_.dropout);
}

at::Tensor Mixer::operator()(const at::Tensor& statistics, Chance& chance) const {
  // [N, hidden] -> [N, tokens, patch]
  const at::Tensor patches =
      first_(statistics).view({statistics.size(0), shape_.hidden / shape_.patch, shape_.patch});
  at::Tensor x = tokens_(patches, chance);
  for (const FeedForward& block : blocks_) x = run(block, x, chance);
  return last_(norm_(x).mean(1), chance);
}

std::unique_ptr<RankNetwork> make_mixer_network(ParameterSet& set, const MixerShape& shape,
                                                std::int64_t inputs) {
  return std::make_unique<MixerNetwork>(set, shape, inputs);
}

}  // namespace nas
