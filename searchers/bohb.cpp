#include <algorithm>
#include <array>
#include <map>

#include "searchers/brackets.h"
#include "searchers/density.h"

namespace nas {
namespace {

struct BohbOptions {
  double eta = 3;
  std::int64_t min_epochs = 1;
  std::int64_t iterations = 0;
  std::int64_t samples = 4;
  double random_fraction = 0;
  double good_percent = 15;
  double min_bandwidth = 0.3;
};

constexpr std::string_view kBohb = "Falkner et al. (arXiv 1807.01774)";
constexpr std::array kFields = {
    Field<BohbOptions>{"eta", &BohbOptions::eta,
                       "one in eta is promoted, with eta times the epochs", "", 2, 100, kBohb},
    Field<BohbOptions>{"min_epochs", &BohbOptions::min_epochs,
                       "epochs of the lowest rung are at least this", "epochs", 1, 100'000,
                       "NAS-Bench-201: 1 of 12; NAS-Bench-101: 4 of 108"},
    Field<BohbOptions>{"iterations", &BohbOptions::iterations,
                       "brackets to run; 0: continues until the budget is spent", "brackets", 0,
                       1e6, "NAS-Bench-201: 50; NATS-Bench: 300"},
    Field<BohbOptions>{"samples", &BohbOptions::samples,
                       "candidates drawn from the density of good ones for each proposal", "", 1,
                       100'000, "NATS-Bench: 4; NAS-Bench-101: 64"},
    Field<BohbOptions>{"random_fraction", &BohbOptions::random_fraction,
                       "part of the proposals that are uniform", "", 0, 1,
                       "NATS-Bench: 0; NAS-Bench-101: 0.33"},
    Field<BohbOptions>{"good_percent", &BohbOptions::good_percent,
                       "the best that count as good (never fewer than decisions + 1)", "%", 1, 99,
                       kBohb},
    Field<BohbOptions>{"min_bandwidth", &BohbOptions::min_bandwidth, "floor of the bandwidths", "",
                       0, 1, "NATS-Bench, NAS-Bench-101: 0.3"},
};

BohbOptions parse(const OptionMap& options) {
  return parse_fields<BohbOptions>(kFields, options, "searcher 'bohb'");
}

class BohbSearcher final : public BracketSearcher {
 public:
  explicit BohbSearcher(const BohbOptions& options) : options_(options) {}

 private:
  using Point = CategoricalDensity::Point;
  struct Judged {
    std::vector<Point> points;
    std::vector<Fitness> fitness;
  };
  struct Model {
    std::int64_t epochs;
    CategoricalDensity good, bad;
  };

  void prepare(const SearchSetup& setup) override {
    fidelities_ = {options_.min_epochs, setup.epochs, options_.eta};
    most_halvings_ = most_halvings(fidelities_);
    trains_ = setup.epochs > 0;
    for (const Decision& decision : setup.space.decisions()) {
      sizes_.push_back(decision.choices.size());
    }
  }

  std::optional<std::vector<Rung>> plan(std::int64_t index) const override {
    if (options_.iterations > 0 && index >= options_.iterations) return std::nullopt;
    return hyperband_rungs(fidelities_, most_halvings_ - index % (most_halvings_ + 1));
  }

  Proposal fresh(const Bracket& bracket, Rng& rng) const override {
    if (!model_ || rng.uniform() < options_.random_fraction) {
      return BracketSearcher::fresh(bracket, rng);
    }
    std::optional<Point> best;
    double best_ratio = 0;
    for (std::int64_t i = 0; i < options_.samples; ++i) {
      Point point = model_->good.draw(rng);
      if (proposals().space().objection(point)) continue;
      if (!trains_ && proposals().seen({proposals().space().info().name, point})) continue;
      constexpr double kTiny = 1e-32;  // as the released code
      const double ratio =
          std::max(model_->good(point), kTiny) / std::max(model_->bad(point), kTiny);
      if (best && ratio <= best_ratio) continue;
      best = std::move(point);
      best_ratio = ratio;
    }
    if (!best) return BracketSearcher::fresh(bracket, rng);
    return {{proposals().space().info().name, *std::move(best)},
            "density of trials of " + std::to_string(model_->epochs) + " epochs"};
  }

  // The model is of the longest trainings of which there are enough; failed ones count as bad.
  void learn(const Told& told, const Fitness& fitness) override {
    Judged& judged = judged_[told.epochs];
    judged.points.push_back(told.architecture.choices);
    judged.fitness.push_back(fitness);
    if (model_ && model_->epochs > told.epochs) return;
    const std::size_t least = sizes_.size() + 1;
    const std::size_t count = judged.points.size();
    const auto percent =
        static_cast<std::size_t>(options_.good_percent * static_cast<double>(count) / 100.0);
    const std::size_t good = std::max(least, percent);
    if (count < good + least) return;
    std::vector<Point> points;
    for (const std::size_t i : best_first(judged.fitness)) points.push_back(judged.points[i]);
    const auto middle = points.begin() + static_cast<std::ptrdiff_t>(good);
    model_ = Model{told.epochs,
                   CategoricalDensity({points.begin(), middle}, sizes_, options_.min_bandwidth),
                   CategoricalDensity({middle, points.end()}, sizes_, options_.min_bandwidth)};
  }

  BohbOptions options_;
  Fidelities fidelities_;
  std::int64_t most_halvings_ = 0;
  bool trains_ = false;
  std::vector<std::size_t> sizes_;
  std::map<std::int64_t, Judged> judged_;  // by epochs
  std::optional<Model> model_;
};

}  // namespace

extern const Plugin<Searcher> bohb_searcher;
constinit const Plugin<Searcher> bohb_searcher{
    .name = "bohb",
    .summary = "Hyperband whose configurations come from densities of good and bad trials",
    .paper =
        "S. Falkner, A. Klein, F. Hutter: BOHB: Robust and Efficient Hyperparameter Optimization "
        "at Scale, ICML 2018, arXiv:1807.01774",
    .fields = [] { return describe_fields<BohbOptions>(kFields); },
    .resolve =
        [](const OptionMap& options) {
          return fields_to_map<BohbOptions>(kFields, parse(options));
        },
    .make = [](const OptionMap& options) -> std::unique_ptr<Searcher> {
      return std::make_unique<BohbSearcher>(parse(options));
    },
};

}  // namespace nas
