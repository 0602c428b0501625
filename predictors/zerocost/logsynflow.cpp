#include <cmath>

#include "predictors/zerocost/layer_proxy.h"

namespace nas {
namespace {

/// The logarithm acts on the gradient, before the weight.
double logarithmic_flow(const Evidence&, const LayerEvidence& layer) {
  double sum = 0;
  for (std::size_t i = 0; i < layer.flow_gradients.size(); ++i) {
    sum += layer.flow_weights[i] * std::log1p(layer.flow_gradients[i]);
  }
  return sum;
}

using LogSynflow = LayerSumProxy<kNeedsFlowGradients, logarithmic_flow>;

}  // namespace

extern constinit const Plugin<Proxy> logsynflow_proxy{
    "logsynflow",
    "sum of |weight| x ln(1 + gradient) of the network made positive, without BN",
    "N. Cavagnero, L. Robbiano, B. Caputo, G. Averta: FreeREA, WACV 2023, arXiv:2207.05135",
    no_fields,
    resolve_no_options,
    make_simple_proxy<LogSynflow>};

}  // namespace nas
