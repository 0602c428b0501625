#include "predictors/parzc/predictor.h"

namespace nas {

extern constinit const Plugin<Predictor> parzc_predictor{
    "parzc",
    "ranks from node-wise zero-cost statistics: mixer with Bayesian layers, trained on ranks",
    "Dong, Li, Tang, Liu, Wang and Chu, ParZC: Parametric Zero-Cost Proxies for Efficient NAS, "
    "AAAI 2025, arXiv 2402.02105",
    [] { return parzc_fields(false); },
    [](const OptionMap& options) {
      return parzc_option_map(parse_parzc_options(options, false), false);
    },
    [](const OptionMap& options) {
      return make_parzc(parse_parzc_options(options, false), false);
    }};

}  // namespace nas
