#include <cmath>

#include "predictors/zerocost/layer_proxy.h"

namespace nas {
namespace {

/// The gradient of a mask of ones on the weights is weight times gradient.
double connection_sensitivity(const Evidence& evidence, const LayerEvidence& layer) {
  return mean_over_batches(evidence, layer, [&](const std::vector<float>& gradient) {
    double sum = 0;
    for (std::size_t i = 0; i < gradient.size(); ++i) {
      sum += static_cast<double>(std::abs(gradient[i] * layer.weights[i]));
    }
    return sum;
  });
}

using Snip = LayerSumProxy<kNeedsGradients | kNeedsWeights, connection_sensitivity>;

}  // namespace

extern constinit const Plugin<Proxy> snip_proxy{
    "snip",
    "sum of |weight x gradient|",
    "N. Lee, T. Ajanthan, P. Torr: SNIP, ICLR 2019, arXiv:1810.02340; as a proxy: Abdelfattah et "
    "al., ICLR 2021, arXiv:2101.08134",
    no_fields,
    resolve_no_options,
    make_simple_proxy<Snip>};

}  // namespace nas
