#include "predictors/parzc/predictor.h"

namespace nas {

extern constinit const Plugin<Predictor> parzc_host_predictor{
    "parzc_host",
    "ParZC's mixer inside a graph transformer of the cell (structure and statistics together)",
    "Dong et al., ParZC, AAAI 2025, arXiv 2402.02105; transformer after Lu et al., PINAT, AAAI "
    "2023",
    [] { return parzc_fields(true); },
    [](const OptionMap& options) {
      return parzc_option_map(parse_parzc_options(options, true), true);
    },
    [](const OptionMap& options) { return make_parzc(parse_parzc_options(options, true), true); }};

}  // namespace nas
