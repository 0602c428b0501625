#include <array>

#include "core/api/plugin.h"
#include "searchers/predictor_loop.h"

namespace nas {
namespace {

struct GuidedOptions {
  std::string predictor = "xgboost";
  std::string settings;
  std::string scores;
  std::int64_t initial = 20;
  std::int64_t batch = 10;
  std::int64_t pool = 1000;
  std::int64_t mutations = 100;
  double random_share = 0;
};

constexpr std::string_view kBrp = "BRP-NAS (arXiv:2007.08668): 0.5";
constexpr std::array kFields = {
    Field<GuidedOptions>{"predictor", &GuidedOptions::predictor,
                         "plug-in that predicts: xgboost, mlp, gcn, brp, gp, ..."},
    Field<GuidedOptions>{"settings", &GuidedOptions::settings,
                         "options of the predictor, key=value;key=value"},
    Field<GuidedOptions>{"scores", &GuidedOptions::scores,
                         "zero-cost scores given to the predictor as features, joined by '+'"},
    Field<GuidedOptions>{"initial", &GuidedOptions::initial, "random ones at the start",
                         "architectures", 2, 100'000},
    Field<GuidedOptions>{"batch", &GuidedOptions::batch, "proposals for each fit", "architectures",
                         1, 100'000},
    Field<GuidedOptions>{"pool", &GuidedOptions::pool, "candidates drawn from the space",
                         "architectures", 1, 1'000'000},
    Field<GuidedOptions>{"mutations", &GuidedOptions::mutations,
                         "candidates that are mutations of the best ten", "architectures", 0,
                         1'000'000},
    Field<GuidedOptions>{"random_share", &GuidedOptions::random_share,
                         "part of each batch that is drawn instead of predicted", "", 0, 1, kBrp},
};

GuidedOptions parse(const OptionMap& options) {
  return parse_fields<GuidedOptions>(kFields, options, "searcher 'predictor_guided'");
}

LoopSettings settings(const GuidedOptions& options) {
  return {.who = "searcher 'predictor_guided'",
          .predictor = options.predictor,
          .predictor_options = parse_settings(options.settings),
          .scores = options.scores,
          .initial = options.initial,
          .batch = options.batch,
          .mutations = options.mutations,
          .random = options.pool,
          .random_share = options.random_share};
}

}  // namespace

extern const Plugin<Searcher> predictor_guided_searcher;
constinit const Plugin<Searcher> predictor_guided_searcher{
    .name = "predictor_guided",
    .summary =
        "evaluates what a predictor ranks first in a pool, fits it again, and so on; looks at the "
        "first objective",
    .paper =
        "W. Wen et al.: Neural Predictor for Neural Architecture Search, 2019, arXiv:1912.00848; "
        "L. "
        "Dudziak et al.: BRP-NAS, 2020, arXiv:2007.08668",
    .fields = [] { return describe_fields<GuidedOptions>(kFields); },
    .resolve =
        [](const OptionMap& options) {
          return fields_to_map<GuidedOptions>(kFields, parse(options));
        },
    .make = [](const OptionMap& options) -> std::unique_ptr<Searcher> {
      return std::make_unique<PredictorLoop>(settings(parse(options)));
    },
};

}  // namespace nas
