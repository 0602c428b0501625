#include "predictors/zerocost/layer_proxy.h"

namespace nas {
namespace {

/// A channel's value counts once for each of its weights: without that factor the ranking is
/// another.
double fisher_information(const Evidence& evidence, const LayerEvidence& layer) {
  double sum = 0;
  for (const double delta : layer.saliency) sum += delta;
  const double broadcast =
      static_cast<double>(layer.layer.weights) / static_cast<double>(layer.layer.channels);
  return sum * broadcast / static_cast<double>(evidence.averaged_batches);
}

using Fisher = LayerSumProxy<kNeedsChannelSaliency, fisher_information>;

}  // namespace

extern constinit const Plugin<Proxy> fisher_proxy{
    "fisher",
    "Fisher information of the channels of convolution and linear outputs",
    "J. Turner et al.: BlockSwap, ICLR 2020, arXiv:1906.04113; as a proxy: Abdelfattah et al., "
    "ICLR 2021, arXiv:2101.08134",
    no_fields,
    resolve_no_options,
    make_simple_proxy<Fisher>};

}  // namespace nas
