#include "core/ir/cost.h"
#include "predictors/zerocost/layer_proxy.h"

namespace nas {
namespace {

class Params final : public Proxy {
 public:
  std::uint32_t needs() const override { return 0; }
  bool sees_dead_nodes() const override { return true; }
  void score(const Evidence& evidence, std::span<ProxyScore> scores) const override {
    scores[0].value = static_cast<double>(graph_cost(*evidence.graph).params) / 1e6;
  }
};

}  // namespace

extern constinit const Plugin<Proxy> params_proxy{
    "params",
    "trainable parameters in millions: the baseline that is hard to beat",
    "A. Krishnakumar et al.: NAS-Bench-Suite-Zero, NeurIPS 2022, arXiv:2210.03230",
    no_fields,
    resolve_no_options,
    make_simple_proxy<Params>};

}  // namespace nas
