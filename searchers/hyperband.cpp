#include <array>

#include "searchers/brackets.h"

namespace nas {
namespace {

struct HyperbandOptions {
  double eta = 3;
  std::int64_t min_epochs = 1;
  std::int64_t iterations = 0;
};

constexpr std::array kFields = {
    Field<HyperbandOptions>{"eta", &HyperbandOptions::eta,
                            "one in eta is promoted, with eta times the epochs", "", 2, 100,
                            "Li et al. (arXiv 1603.06560)"},
    Field<HyperbandOptions>{"min_epochs", &HyperbandOptions::min_epochs,
                            "epochs of the lowest rung are at least this", "epochs", 1, 100'000,
                            "NAS-Bench-201: 1 of 12; NAS-Bench-101: 4 of 108"},
    Field<HyperbandOptions>{"iterations", &HyperbandOptions::iterations,
                            "brackets to run; 0: continues until the budget is spent", "brackets",
                            0, 1e6, "NAS-Bench-201: 50; NATS-Bench: 300"},
};

HyperbandOptions parse(const OptionMap& options) {
  return parse_fields<HyperbandOptions>(kFields, options, "searcher 'hyperband'");
}

class HyperbandSearcher final : public BracketSearcher {
 public:
  explicit HyperbandSearcher(const HyperbandOptions& options) : options_(options) {}

 private:
  void prepare(const SearchSetup& setup) override {
    fidelities_ = {options_.min_epochs, setup.epochs, options_.eta};
    most_halvings_ = most_halvings(fidelities_);
  }

  // Brackets cycle from the most halvings to none.
  std::optional<std::vector<Rung>> plan(std::int64_t index) const override {
    if (options_.iterations > 0 && index >= options_.iterations) return std::nullopt;
    return hyperband_rungs(fidelities_, most_halvings_ - index % (most_halvings_ + 1));
  }

  HyperbandOptions options_;
  Fidelities fidelities_;
  std::int64_t most_halvings_ = 0;
};

}  // namespace

extern const Plugin<Searcher> hyperband_searcher;
constinit const Plugin<Searcher> hyperband_searcher{
    .name = "hyperband",
    .summary = "Hyperband: brackets of successive halving, from many short trainings to few long",
    .paper =
        "L. Li, K. Jamieson, G. DeSalvo, A. Rostamizadeh, A. Talwalkar: Hyperband, JMLR 2018, "
        "arXiv:1603.06560",
    .fields = [] { return describe_fields<HyperbandOptions>(kFields); },
    .resolve =
        [](const OptionMap& options) {
          return fields_to_map<HyperbandOptions>(kFields, parse(options));
        },
    .make = [](const OptionMap& options) -> std::unique_ptr<Searcher> {
      return std::make_unique<HyperbandSearcher>(parse(options));
    },
};

}  // namespace nas
