#include "predictors/zerocost/layer_proxy.h"

namespace nas {
namespace {

/// Signed: most of it is noise, and it is negatively correlated on NAS-Bench-201.
double signed_sensitivity(const Evidence& evidence, const LayerEvidence& layer) {
  return mean_over_batches(evidence, layer, [&](const std::vector<float>& gradient) {
    double sum = 0;
    for (std::size_t i = 0; i < gradient.size(); ++i) {
      sum += static_cast<double>(gradient[i]) * static_cast<double>(layer.weights[i]);
    }
    return sum;
  });
}

using Plain = LayerSumProxy<kNeedsGradients | kNeedsWeights, signed_sensitivity>;

}  // namespace

extern constinit const Plugin<Proxy> plain_proxy{
    "plain",
    "sum of weight x gradient, with its sign",
    "Abdelfattah et al.: Zero-Cost Proxies for Lightweight NAS, ICLR 2021, arXiv:2101.08134",
    no_fields,
    resolve_no_options,
    make_simple_proxy<Plain>};

}  // namespace nas
