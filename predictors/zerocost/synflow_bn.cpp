#include "predictors/zerocost/layer_proxy.h"

namespace nas {
namespace {

double normalised_flow(const Evidence&, const LayerEvidence& layer) {
  return layer.normalised_flow;
}

using SynflowBn = LayerSumProxy<kNeedsNormalisedFlow, normalised_flow>;

}  // namespace

extern constinit const Plugin<Proxy> synflow_bn_proxy{
    "synflow_bn",
    "synflow with batch normalisation active, on a batch of one",
    "Abdelfattah et al.: Zero-Cost Proxies for Lightweight NAS, ICLR 2021, arXiv:2101.08134 "
    "(code); the statistics of ParZC (2024) are of this kind",
    no_fields,
    resolve_no_options,
    make_simple_proxy<SynflowBn>};

}  // namespace nas
