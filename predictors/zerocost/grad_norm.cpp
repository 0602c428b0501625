#include <cmath>

#include "predictors/zerocost/layer_proxy.h"

namespace nas {
namespace {

/// Sum of the layers' norms, not the norm of all.
double gradient_norm(const Evidence& evidence, const LayerEvidence& layer) {
  return mean_over_batches(evidence, layer, [](const std::vector<float>& gradient) {
    double sum = 0;
    for (const float g : gradient) sum += static_cast<double>(g) * static_cast<double>(g);
    return std::sqrt(sum);
  });
}

using GradNorm = LayerSumProxy<kNeedsGradients, gradient_norm>;

}  // namespace

extern constinit const Plugin<Proxy> grad_norm_proxy{
    "grad_norm",
    "sum over the layers of the Euclidean norm of the weight gradient",
    "M. S. Abdelfattah, A. Mehrotra, L. Dudziak, N. D. Lane: Zero-Cost Proxies for Lightweight "
    "NAS, ICLR 2021, arXiv:2101.08134",
    no_fields,
    resolve_no_options,
    make_simple_proxy<GradNorm>};

}  // namespace nas
