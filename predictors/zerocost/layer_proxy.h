#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "predictors/zerocost/evidence.h"
#include "predictors/zerocost/proxy.h"

namespace nas {

/// A proxy without options.
template <class P>
std::unique_ptr<Proxy> make_simple_proxy(const OptionMap& options) {
  resolve_no_options(options);
  return std::make_unique<P>();
}

/// A proxy that is a plain sum over the layers of `rule`: no mean, no normalisation by layer, as in
/// the code of Abdelfattah et al. (ICLR 2021) and NAS-Bench-Suite-Zero.
template <std::uint32_t kNeeds, double (*kRule)(const Evidence&, const LayerEvidence&),
          bool kSeesDeadNodes = false>
class LayerSumProxy : public Proxy {
 public:
  std::uint32_t needs() const override { return kNeeds; }
  bool sees_dead_nodes() const override { return kSeesDeadNodes; }
  void score(const Evidence& evidence, std::span<ProxyScore> scores) const override {
    for (const LayerEvidence& layer : evidence.layers) {
      const double value = kRule(evidence, layer);
      scores[0].layers.push_back(value);
      scores[0].value += value;
    }
  }
};

/// Mean of `measure(gradient)` over the batches that are averaged; 0 for a layer that nothing
/// reaches.
template <class Measure>
double mean_over_batches(const Evidence& evidence, const LayerEvidence& layer, Measure measure) {
  double sum = 0;
  for (std::int64_t b = 0; b < evidence.averaged_batches; ++b) {
    sum += measure(layer.gradients[static_cast<std::size_t>(b)]);
  }
  return sum / static_cast<double>(evidence.averaged_batches);
}

}  // namespace nas
