#include <array>

#include "core/api/searcher.h"
#include "searchers/elitist_population.h"

namespace nas {
namespace {

struct NsgaOptions {
  std::int64_t population = 20;
  double crossover = 0.9;
  double mutation = 0;
  bool repeats = false;
};

constexpr std::string_view kDeb = "Deb et al. (2002): 100, 0.9 and 1 / number of decisions";
constexpr std::array kFields = {
    Field<NsgaOptions>{"population", &NsgaOptions::population,
                       "parents kept, and children between two selections", "architectures", 2,
                       10'000, kDeb},
    Field<NsgaOptions>{"crossover", &NsgaOptions::crossover,
                       "probability that a child mixes the decisions of two parents", "", 0, 1,
                       kDeb},
    Field<NsgaOptions>{"mutation", &NsgaOptions::mutation,
                       "probability of each decision to be drawn anew; 0: one a child on average",
                       "", 0, 1, kDeb},
    Field<NsgaOptions>{"repeats", &NsgaOptions::repeats,
                       "children may equal earlier proposals; otherwise they are drawn again"},
};

NsgaOptions parse(const OptionMap& options) {
  return parse_fields<NsgaOptions>(kFields, options, "searcher 'nsga2'");
}

// Deb et al. (2002), on decisions.
class NsgaSearcher final : public ElitistSearcher {
 public:
  explicit NsgaSearcher(const NsgaOptions& options)
      : ElitistSearcher(options.population, options.repeats), options_(options) {}

 private:
  Proposal child(const ElitistPopulation& population, Rng& rng) const override {
    const Individual& first = population.winner(rng);
    const Individual& second = population.winner(rng);
    Proposal proposal{first.architecture, "mutation of trial " + std::to_string(first.number)};
    std::vector<std::uint16_t>& choices = proposal.architecture.choices;
    if (rng.bernoulli(options_.crossover)) {
      proposal.reason = "crossover of trials " + std::to_string(first.number) + " and " +
                        std::to_string(second.number);
      for (std::size_t i = 0; i < choices.size(); ++i) {
        if (rng.bernoulli(0.5)) choices[i] = second.architecture.choices[i];
      }
    }
    const double rate =
        options_.mutation > 0 ? options_.mutation : 1.0 / static_cast<double>(choices.size());
    for (std::size_t i = 0; i < choices.size(); ++i) {
      const std::size_t size = proposals().space().decisions()[i].choices.size();
      if (size < 2 || !rng.bernoulli(rate)) continue;
      choices[i] = static_cast<std::uint16_t>((choices[i] + 1 + rng.below(size - 1)) % size);
    }
    return proposal;
  }

  NsgaOptions options_;
};

}  // namespace

extern const Plugin<Searcher> nsga2_searcher;
constinit const Plugin<Searcher> nsga2_searcher{
    .name = "nsga2",
    .summary =
        "NSGA-II: crossover and mutation of decisions, selection by Pareto rank and crowding",
    .paper =
        "K. Deb, A. Pratap, S. Agarwal, T. Meyarivan: A Fast and Elitist Multiobjective Genetic "
        "Algorithm: NSGA-II, 2002, doi:10.1109/4235.996017; for architectures: Z. Lu et al., "
        "NSGA-Net, 2019, arXiv:1810.03522",
    .fields = [] { return describe_fields<NsgaOptions>(kFields); },
    .resolve =
        [](const OptionMap& options) {
          return fields_to_map<NsgaOptions>(kFields, parse(options));
        },
    .make = [](const OptionMap& options) -> std::unique_ptr<Searcher> {
      return std::make_unique<NsgaSearcher>(parse(options));
    },
};

}  // namespace nas
