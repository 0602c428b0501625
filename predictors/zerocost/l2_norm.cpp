#include <cmath>

#include "predictors/zerocost/layer_proxy.h"

namespace nas {
namespace {

double weight_norm(const Evidence&, const LayerEvidence& layer) {
  double sum = 0;
  for (const float w : layer.weights) sum += static_cast<double>(w) * static_cast<double>(w);
  return std::sqrt(sum);
}

using L2Norm = LayerSumProxy<kNeedsWeights, weight_norm, /*kSeesDeadNodes=*/true>;

}  // namespace

extern constinit const Plugin<Proxy> l2_norm_proxy{
    "l2_norm",
    "sum over the layers of the norm of the initial weights (no data)",
    "Abdelfattah et al.: Zero-Cost Proxies for Lightweight NAS, ICLR 2021, arXiv:2101.08134",
    no_fields,
    resolve_no_options,
    make_simple_proxy<L2Norm>};

}  // namespace nas
