#include "predictors/zerocost/layer_proxy.h"

namespace nas {
namespace {

/// Temperature 1, one iteration, the same batch in both passes. The sign is that of the proxy's
/// code, opposite to the pruning criterion's.
double gradient_flow(const Evidence& evidence, const LayerEvidence& layer) {
  double sum = 0;
  for (std::size_t i = 0; i < layer.hessian_gradient.size(); ++i) {
    sum -= static_cast<double>(layer.weights[i]) * static_cast<double>(layer.hessian_gradient[i]);
  }
  return sum / static_cast<double>(evidence.averaged_batches);
}

using Grasp = LayerSumProxy<kNeedsWeights | kNeedsHessian, gradient_flow>;

}  // namespace

extern constinit const Plugin<Proxy> grasp_plugin{
    "grasp",
    "minus sum of weight x (Hessian x gradient); ranks only, values reach 1e6",
    "C. Wang, G. Zhang, R. Grosse: GraSP, ICLR 2020, arXiv:2002.07376; as a proxy: Abdelfattah et "
    "al., ICLR 2021, arXiv:2101.08134",
    no_fields,
    resolve_no_options,
    make_simple_proxy<Grasp>};

}  // namespace nas
