#include <array>

#include "core/api/plugin.h"
#include "searchers/predictor_loop.h"

namespace nas {
namespace {

struct BayesianOptions {
  std::string encoding = "onehot";
  std::string kernel = "hamming";
  std::int64_t initial = 10;
  std::int64_t mutations = 100;
  std::int64_t random = 200;
  std::int64_t parents = 5;
  std::string acquisition = "ei";
  double kappa = 2;
  std::int64_t refit = 1;
};

constexpr std::string_view kTutorial =
    "Frazier, A Tutorial on Bayesian Optimization (arXiv:1807.02811)";
constexpr std::array kFields = {
    Field<BayesianOptions>{.name = "encoding",
                           .member = &BayesianOptions::encoding,
                           .meaning = "choices one-hot, or the paths of the cell",
                           .choices = "onehot|path"},
    Field<BayesianOptions>{.name = "kernel",
                           .member = &BayesianOptions::kernel,
                           .meaning = "covariance; hamming counts the choices that differ",
                           .choices = "hamming|matern52|rbf"},
    Field<BayesianOptions>{"initial", &BayesianOptions::initial, "random ones at the start",
                           "architectures", 2, 100'000},
    Field<BayesianOptions>{"mutations", &BayesianOptions::mutations,
                           "candidates that are mutations of the best", "architectures", 0,
                           1'000'000},
    Field<BayesianOptions>{"random", &BayesianOptions::random, "candidates drawn from the space",
                           "architectures", 1, 1'000'000},
    Field<BayesianOptions>{"parents", &BayesianOptions::parents,
                           "best ones that are mutated in turn", "architectures", 1, 100'000},
    Field<BayesianOptions>{.name = "acquisition",
                           .member = &BayesianOptions::acquisition,
                           .meaning = "ei, pi: expected, probable improvement; ucb: upper bound; "
                                      "its, ts: Thompson sampling, a draw for each candidate or "
                                      "one for all; mean: the prediction",
                           .source = kTutorial,
                           .choices = kAcquisitionChoices},
    Field<BayesianOptions>{"kappa", &BayesianOptions::kappa, "deviations in the upper bound", "", 0,
                           100},
    Field<BayesianOptions>{"refit", &BayesianOptions::refit, "proposals for each fit",
                           "architectures", 1, 100'000},
};

BayesianOptions parse(const OptionMap& options) {
  return parse_fields<BayesianOptions>(kFields, options, "searcher 'bayesian'");
}

LoopSettings settings(const BayesianOptions& options) {
  return {.who = "searcher 'bayesian'",
          .predictor = "gp",
          .predictor_options = {{"encoding", options.encoding},
                                {"kernel", options.kernel},
                                {"restarts", "0"}},
          .initial = options.initial,
          .batch = options.refit,
          .mutations = options.mutations,
          .parents = options.parents,
          .random = options.random,
          .acquisition = parse_acquisition(options.acquisition),
          .kappa = options.kappa};
}

}  // namespace

extern const Plugin<Searcher> bayesian_searcher;
constinit const Plugin<Searcher> bayesian_searcher{
    .name = "bayesian",
    .summary =
        "Bayesian optimisation with a Gaussian process over choices or paths; looks at the first "
        "objective",
    .paper = "P. I. Frazier: A Tutorial on Bayesian Optimization, 2018, arXiv:1807.02811",
    .fields = [] { return describe_fields<BayesianOptions>(kFields); },
    .resolve =
        [](const OptionMap& options) {
          return fields_to_map<BayesianOptions>(kFields, parse(options));
        },
    .make = [](const OptionMap& options) -> std::unique_ptr<Searcher> {
      return std::make_unique<PredictorLoop>(settings(parse(options)));
    },
};

}  // namespace nas
