#include <array>

#include "core/api/plugin.h"
#include "searchers/predictor_loop.h"

namespace nas {
namespace {

struct BananasOptions {
  std::string predictor = "mlp";
  std::string settings;
  std::string scores;
  std::int64_t initial = 10;
  std::int64_t batch = 10;
  std::int64_t candidates = 100;
  std::int64_t parents = 10;
  std::string acquisition = "its";
  double kappa = 0.5;
};

constexpr std::string_view kNaszilla = "BANANAS (arXiv:1910.11858), naszilla";
constexpr std::array kFields = {
    Field<BananasOptions>{"predictor", &BananasOptions::predictor, "plug-in that predicts", "",
                          -1e9, 1e9, kNaszilla},
    Field<BananasOptions>{"settings", &BananasOptions::settings,
                          "options of the predictor, key=value;key=value; mlp, xgboost and gp see "
                          "encoding=path unless it says otherwise"},
    Field<BananasOptions>{"scores", &BananasOptions::scores,
                          "zero-cost scores given to the predictor as features, joined by '+'"},
    Field<BananasOptions>{"initial", &BananasOptions::initial, "random ones at the start",
                          "architectures", 2, 100'000, kNaszilla},
    Field<BananasOptions>{"batch", &BananasOptions::batch, "proposals for each fit",
                          "architectures", 1, 100'000, kNaszilla},
    Field<BananasOptions>{"candidates", &BananasOptions::candidates,
                          "mutations of the best evaluated ones that are ranked", "architectures",
                          1, 1'000'000, kNaszilla},
    Field<BananasOptions>{"parents", &BananasOptions::parents, "best ones that are mutated in turn",
                          "architectures", 1, 100'000},
    Field<BananasOptions>{.name = "acquisition",
                          .member = &BananasOptions::acquisition,
                          .meaning = "its, ts: Thompson sampling, a draw for each candidate or one "
                                     "for all; ucb: upper bound; ei, pi: expected, probable "
                                     "improvement; mean: the prediction",
                          .source = kNaszilla,
                          .choices = kAcquisitionChoices},
    Field<BananasOptions>{"kappa", &BananasOptions::kappa, "deviations in the upper bound", "", 0,
                          100, kNaszilla},
};

BananasOptions parse(const OptionMap& options) {
  return parse_fields<BananasOptions>(kFields, options, "searcher 'bananas'");
}

OptionMap predictor_options(const BananasOptions& options) {
  const bool vectors =
      options.predictor == "mlp" || options.predictor == "xgboost" || options.predictor == "gp";
  OptionMap settings = parse_settings(options.settings);
  if (vectors) {
    settings.try_emplace("encoding", options.scores.empty() ? "path" : "features+path");
  }
  return settings;
}

LoopSettings settings(const BananasOptions& options) {
  constexpr double kCalibration = 5;  // naszilla multiplies the deviation in expected improvement
  return {.who = "searcher 'bananas'",
          .predictor = options.predictor,
          .predictor_options = predictor_options(options),
          .scores = options.scores,
          .initial = options.initial,
          .batch = options.batch,
          .mutations = options.candidates,
          .parents = options.parents,
          .acquisition = parse_acquisition(options.acquisition),
          .kappa = options.kappa,
          .deviation_factor = options.acquisition == "ei" ? kCalibration : 1};
}

}  // namespace

extern const Plugin<Searcher> bananas_searcher;
constinit const Plugin<Searcher> bananas_searcher{
    .name = "bananas",
    .summary =
        "BANANAS: an ensemble of networks on path encodings, Thompson sampling among mutations of "
        "the "
        "best; looks at the first objective",
    .paper =
        "C. White, W. Neiswanger, Y. Savani: BANANAS: Bayesian Optimization with Neural "
        "Architectures "
        "for Neural Architecture Search, AAAI 2021, arXiv:1910.11858",
    .fields = [] { return describe_fields<BananasOptions>(kFields); },
    .resolve =
        [](const OptionMap& options) {
          return fields_to_map<BananasOptions>(kFields, parse(options));
        },
    .make = [](const OptionMap& options) -> std::unique_ptr<Searcher> {
      return std::make_unique<PredictorLoop>(settings(parse(options)));
    },
};

}  // namespace nas
