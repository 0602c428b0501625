#include <algorithm>
#include <array>

#include "core/api/searcher.h"
#include "searchers/fitness.h"
#include "searchers/proposals.h"

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

struct Individual {
  std::int64_t number;
  Architecture architecture;
  Fitness fitness;
};

// Deb et al. (2002), on decisions. The generations follow from the tells: whenever `population` of
// them have come, the best of parents and children are the parents of what is asked for next.
class NsgaSearcher final : public Searcher {
 public:
  explicit NsgaSearcher(const NsgaOptions& options) : options_(options) {}

  void start(const SearchSetup& setup) override { proposals_.emplace(setup); }

  std::optional<Proposal> ask(std::int64_t number) override {
    if (!options_.repeats && proposals_->exhausted()) return std::nullopt;
    Rng rng = proposals_->rng(number);
    std::optional<Proposal> proposal;
    if (!parents_.empty()) proposal = new_child(rng);
    if (!proposal) proposal = Proposal{random(rng), "random"};
    proposals_->note(proposal->architecture);
    return proposal;
  }

  void tell(const Told& told) override {
    proposals_->note(told.architecture);
    children_.push_back({told.number, told.architecture, fitness_of(told)});
    if (children_.size() == static_cast<std::size_t>(options_.population)) select();
  }

 private:
  Architecture random(Rng& rng) const {
    return options_.repeats ? sample(proposals_->space(), rng) : proposals_->draw_new(rng);
  }

  // Keeps the best `population` that did not fail, by rank, then crowding.
  void select() {
    std::vector<Individual> all = std::move(parents_);
    std::move(children_.begin(), children_.end(), std::back_inserter(all));
    children_.clear();
    std::erase_if(all, [](const Individual& individual) {
      return individual.fitness.outcome == Outcome::kFailed;  // nothing to inherit
    });
    std::vector<Fitness> fitness;
    for (const Individual& individual : all) fitness.push_back(individual.fitness);
    const std::vector<Standing> places = standings(fitness);
    parents_.clear();
    standings_.clear();
    for (const std::size_t i : best_first(fitness)) {
      if (parents_.size() == static_cast<std::size_t>(options_.population)) break;
      parents_.push_back(std::move(all[i]));
      standings_.push_back(places[i]);
    }
  }

  // nullopt: a hundred children were invalid or known.
  std::optional<Proposal> new_child(Rng& rng) const {
    for (int i = 0; i < 100; ++i) {
      Proposal proposal = child(rng);
      if (proposals_->space().objection(proposal.architecture.choices)) continue;
      if (options_.repeats || !proposals_->seen(proposal.architecture)) return proposal;
    }
    return std::nullopt;
  }

  Proposal child(Rng& rng) const {
    const Individual& first = parents_[winner(rng)];
    const Individual& second = parents_[winner(rng)];
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
      const std::size_t size = proposals_->space().decisions()[i].choices.size();
      if (size < 2 || !rng.bernoulli(rate)) continue;
      choices[i] = static_cast<std::uint16_t>((choices[i] + 1 + rng.below(size - 1)) % size);
    }
    return proposal;
  }

  // Binary tournament by rank, then crowding; a tie goes to the first drawn.
  std::size_t winner(Rng& rng) const {
    const std::size_t a = rng.below(parents_.size());
    const std::size_t b = rng.below(parents_.size());
    return ahead(standings_[b], standings_[a]) ? b : a;
  }

  NsgaOptions options_;
  std::optional<Proposals> proposals_;
  std::vector<Individual> parents_;   // best first
  std::vector<Standing> standings_;   // of the parents
  std::vector<Individual> children_;  // told since the last selection
};

}  // namespace

extern const Plugin<Searcher> nsga2_plugin;
constinit const Plugin<Searcher> nsga2_plugin{
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
