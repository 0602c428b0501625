#include <array>
#include <cmath>

#include "searchers/brackets.h"

namespace nas {
namespace {

struct HalvingOptions {
  std::int64_t configurations = 0;
  double eta = 3;
  std::int64_t min_epochs = 1;
  std::int64_t rounds = 0;
};

constexpr std::string_view kHyperband = "Hyperband (arXiv 1603.06560): eta 3";
constexpr std::array kFields = {
    Field<HalvingOptions>{"configurations", &HalvingOptions::configurations,
                          "architectures a round starts with; 0: as many as leave one at the top",
                          "architectures", 0, 1e6},
    Field<HalvingOptions>{"eta", &HalvingOptions::eta,
                          "one in eta is promoted, with eta times the epochs", "", 2, 100,
                          kHyperband},
    Field<HalvingOptions>{"min_epochs", &HalvingOptions::min_epochs,
                          "epochs of the lowest rung are at least this", "epochs", 1, 100'000,
                          "NAS-Bench-201: 1 of 12; NAS-Bench-101: 4 of 108"},
    Field<HalvingOptions>{"rounds", &HalvingOptions::rounds,
                          "rounds to run; 0: continues until the budget is spent", "rounds", 0,
                          1e6},
};

HalvingOptions parse(const OptionMap& options) {
  return parse_fields<HalvingOptions>(kFields, options, "searcher 'successive_halving'");
}

class HalvingSearcher final : public BracketSearcher {
 public:
  explicit HalvingSearcher(const HalvingOptions& options) : options_(options) {}

 private:
  void prepare(const SearchSetup& setup) override {
    const Fidelities fidelities{options_.min_epochs, setup.epochs, options_.eta};
    const std::int64_t halvings = most_halvings(fidelities);
    double size = static_cast<double>(options_.configurations);
    if (size == 0) size = std::ceil(std::pow(options_.eta, static_cast<double>(halvings)) - 1e-9);
    rungs_ = halving_rungs(fidelities, halvings, static_cast<std::size_t>(size));
  }

  std::optional<std::vector<Rung>> plan(std::int64_t index) const override {
    if (options_.rounds > 0 && index >= options_.rounds) return std::nullopt;
    return rungs_;
  }

  HalvingOptions options_;
  std::vector<Rung> rungs_;
};

}  // namespace

extern const Plugin<Searcher> successive_halving_searcher;
constinit const Plugin<Searcher> successive_halving_searcher{
    .name = "successive_halving",
    .summary = "successive halving: many short trainings, the best of which are trained for longer",
    .paper =
        "K. Jamieson, A. Talwalkar: Non-stochastic Best Arm Identification and Hyperparameter "
        "Optimization, 2016, arXiv:1502.07943",
    .fields = [] { return describe_fields<HalvingOptions>(kFields); },
    .resolve =
        [](const OptionMap& options) {
          return fields_to_map<HalvingOptions>(kFields, parse(options));
        },
    .make = [](const OptionMap& options) -> std::unique_ptr<Searcher> {
      return std::make_unique<HalvingSearcher>(parse(options));
    },
};

}  // namespace nas
