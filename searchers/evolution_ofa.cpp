#include <algorithm>
#include <array>
#include <iterator>
#include <map>
#include <set>
#include <utility>

#include "core/api/decision_effects.h"
#include "core/api/searcher.h"
#include "searchers/fitness.h"
#include "searchers/proposals.h"

// The evolutionary search of Once-for-All (Cai et al., ICLR 2020, arXiv 1908.09791; the released
// code): the best quarter of a population are parents; half of the children are mutants of one
// parent, half take every choice from either of two. Children that miss the constraints are drawn
// again until they hold. "Regularised evolution" in a comment of the code is not: nothing ages.
//
// Two differences, both harmless: the last children are ranked too, and draws are capped.

namespace nas {
namespace {

struct OfaOptions {
  std::int64_t population = 100;
  double parents = 0.25;
  double mutants = 0.5;
  double mutation = 0.1;
  double resolution_mutation = 0.1;
  std::int64_t tries = 10'000;
  bool repeats = false;
};

constexpr std::string_view kReleased = "Once-for-All (arXiv:1908.09791), released code";
constexpr std::array kFields = {
    Field<OfaOptions>{"population", &OfaOptions::population,
                      "random ones to begin with, and children of a generation", "architectures", 2,
                      10'000, kReleased},
    Field<OfaOptions>{"parents", &OfaOptions::parents,
                      "share of the population that survives and breeds", "", 0, 1, kReleased},
    Field<OfaOptions>{"mutants", &OfaOptions::mutants,
                      "share of the children that are mutants; the others are crossovers", "", 0, 1,
                      kReleased},
    Field<OfaOptions>{"mutation", &OfaOptions::mutation,
                      "probability of each decision to be drawn anew; kernel and expansion of a "
                      "block together",
                      "", 0, 1, kReleased},
    Field<OfaOptions>{"resolution_mutation", &OfaOptions::resolution_mutation,
                      "the same of the input's resolution (library: 0.5)", "", 0, 1,
                      "released tutorial"},
    Field<OfaOptions>{"tries", &OfaOptions::tries,
                      "draws of one child until it holds the constraints that can be checked "
                      "beforehand (released code: no limit)",
                      "", 1, 10'000'000},
    Field<OfaOptions>{"repeats", &OfaOptions::repeats,
                      "children may equal earlier proposals, as in the published method; otherwise "
                      "they are drawn again, also where they differ only in what has no effect"},
};

OfaOptions parse(const OptionMap& options) {
  return parse_fields<OfaOptions>(kFields, options, "searcher 'evolution_ofa'");
}

/// Decisions that mutate together: kernel and expansion of a block, else each alone.
std::vector<std::vector<DecisionId>> genes_of(const SearchSpace& space) {
  std::vector<std::vector<DecisionId>> genes;
  std::map<std::string, std::size_t> blocks;
  for (DecisionId id = 0; id < space.decisions().size(); ++id) {
    const Decision& decision = space.decisions()[id];
    const bool in_block =
        decision.kind == DecisionKind::kKernel || decision.kind == DecisionKind::kExpansion;
    const std::string scope = decision.name.substr(0, decision.name.rfind('/'));
    const auto known = in_block ? blocks.find(scope) : blocks.end();
    if (known != blocks.end()) {
      genes[known->second].push_back(id);
      continue;
    }
    if (in_block) blocks.emplace(scope, genes.size());
    genes.push_back({id});
  }
  return genes;
}

struct Member {
  std::int64_t number;
  Architecture architecture;
  Fitness fitness;
};

/// A draw, and how far it misses what can be checked beforehand.
struct Draw {
  Architecture architecture;
  double violation = 0;
};

class OfaSearcher final : public Searcher {
 public:
  explicit OfaSearcher(const OfaOptions& options) : options_(options) {}

  void start(const SearchSetup& setup) override {
    proposals_.emplace(setup);
    violation_ = setup.violation;
    genes_ = genes_of(setup.space);
  }

  std::optional<Proposal> ask(std::int64_t number) override {
    if (hopeless_ || (!options_.repeats && proposals_->exhausted())) return std::nullopt;
    Rng rng = proposals_->rng(number);
    Proposal proposal;
    proposal.architecture =
        parents_.empty() ? first(rng, proposal.reason) : child(number, rng, proposal.reason);
    note(proposal.architecture);
    return proposal;
  }

  void tell(const Told& told) override {
    note(told.architecture);
    next_told_ = told.number + 1;
    Fitness fitness = fitness_of(told);
    if (fitness.outcome != Outcome::kComplete) return;  // its place is drawn again
    children_.push_back({told.number, told.architecture, std::move(fitness)});
    if (std::ssize(children_) >= options_.population) select();
  }

 private:
  double violation(const Architecture& architecture) const {
    return violation_ ? violation_(architecture) : 0;
  }

  /// Its choices, with one mark for all that have no effect.
  std::vector<std::uint16_t> effective(const Architecture& architecture) const {
    constexpr std::uint16_t kNoEffect = 0xffff;
    std::vector<std::uint16_t> choices = architecture.choices;
    const std::vector<bool> active = active_decisions(proposals_->space(), choices);
    for (std::size_t i = 0; i < choices.size(); ++i) {
      if (!active[i]) choices[i] = kNoEffect;
    }
    return choices;
  }

  void note(const Architecture& architecture) {
    proposals_->note(architecture);
    if (!options_.repeats) networks_.insert(effective(architecture));
  }

  bool known(const Architecture& architecture) const {
    return !options_.repeats && networks_.contains(effective(architecture));
  }

  /// The first draw that holds and is new; after all tries the one that misses least. nullopt: the
  /// space objects to all.
  template <class Make>
  std::optional<Draw> draw(Make make) const {
    std::optional<Draw> nearest;
    for (std::int64_t i = 0; i < options_.tries; ++i) {
      Draw one{make(), 0};
      make_canonical(proposals_->space(), one.architecture);
      if (proposals_->space().objection(one.architecture.choices)) continue;
      one.violation = violation(one.architecture);
      if (one.violation == 0 && !known(one.architecture)) return one;
      if (!nearest || one.violation < nearest->violation) nearest = std::move(one);
    }
    return nearest;
  }

  /// Random; where the constraints hold for none of many, single steps from the nearest one.
  Architecture first(Rng& rng, std::string& reason) {
    reason = "random";
    const SearchSpace& space = proposals_->space();
    if (!hard_) {
      hard_ = draw([&] { return sample(space, rng); });
      if (hard_->violation == 0) return std::exchange(hard_, std::nullopt)->architecture;
    }
    reason = "random, then steps towards the constraints";
    Draw here = *hard_;
    for (std::int64_t i = 0; i < options_.tries; ++i) {
      const Draw next{mutate(space, here.architecture, rng), 0};
      const double misses = violation(next.architecture);
      if (misses == 0 && !known(next.architecture)) {
        hard_ = {next.architecture, 0};
        return next.architecture;
      }
      if (misses <= here.violation) here = {next.architecture, misses};
    }
    hopeless_ = here.violation > 0 && children_.empty();
    return here.architecture;
  }

  /// The parents of a place are the same until its child holds the constraints.
  Architecture child(std::int64_t number, Rng& rng, std::string& reason) const {
    const auto place = static_cast<std::size_t>(std::ssize(children_) + number - next_told_);
    Rng parent_rng = proposals_->rng(generation_).stream(1 + place);
    const Member& a = parents_[parent_rng.below(parents_.size())];
    if (static_cast<double>(place) < options_.mutants * static_cast<double>(options_.population)) {
      reason = "mutation of trial " + std::to_string(a.number);
      const auto found = draw([&] { return mutant(a.architecture, rng); });
      return found ? found->architecture : a.architecture;
    }
    const Member& b = parents_[parent_rng.below(parents_.size())];
    reason = "crossover of trials " + std::to_string(a.number) + " and " + std::to_string(b.number);
    // Equal parents have one child; where it is not new, a mutant takes its place.
    const bool equal = a.architecture == b.architecture;
    const auto found = draw([&] {
      Architecture mixed = crossover(a.architecture, b.architecture, rng);
      const bool stale = equal || known(mixed);
      return stale && !options_.repeats ? mutant(mixed, rng) : mixed;
    });
    return found ? found->architecture : a.architecture;
  }

  Architecture mutant(Architecture architecture, Rng& rng) const {
    const std::span<const Decision> decisions = proposals_->space().decisions();
    for (const std::vector<DecisionId>& gene : genes_) {
      const bool resolution = decisions[gene.front()].kind == DecisionKind::kResolution;
      if (!rng.bernoulli(resolution ? options_.resolution_mutation : options_.mutation)) continue;
      for (const DecisionId id : gene) {
        architecture.choices[id] =
            static_cast<std::uint16_t>(rng.below(decisions[id].choices.size()));
      }
    }
    return architecture;
  }

  static Architecture crossover(Architecture a, const Architecture& b, Rng& rng) {
    for (std::size_t i = 0; i < a.choices.size(); ++i) {
      if (rng.bernoulli(0.5)) a.choices[i] = b.choices[i];
    }
    return a;
  }

  void select() {
    std::vector<Member> all = std::move(parents_);
    std::move(children_.begin(), children_.end(), std::back_inserter(all));
    children_.clear();
    std::vector<Fitness> fitness;
    for (const Member& member : all) fitness.push_back(member.fitness);
    const double share = options_.parents * static_cast<double>(options_.population);
    const auto places = std::max<std::size_t>(1, static_cast<std::size_t>(share));
    parents_.clear();
    for (const std::size_t i : best_first(fitness)) {
      if (parents_.size() == places) break;
      parents_.push_back(std::move(all[i]));
    }
    generation_ = next_told_ - 1;
  }

  OfaOptions options_;
  std::optional<Proposals> proposals_;
  std::function<double(const Architecture&)> violation_;
  std::vector<std::vector<DecisionId>> genes_;
  std::set<std::vector<std::uint16_t>> networks_;  // proposed; equal where choices have no effect
  std::vector<Member> parents_;                    // best first; empty in the first generation
  std::vector<Member> children_;  // that hold the constraints, since the last selection
  std::int64_t generation_ = 0;   // the proposal that completed the last one
  std::int64_t next_told_ = 0;
  std::optional<Draw> hard_;  // where random draws did not hold the constraints: begin here
  bool hopeless_ = false;     // nothing holds them
};

}  // namespace

extern const Plugin<Searcher> evolution_ofa_searcher;
constinit const Plugin<Searcher> evolution_ofa_searcher{
    .name = "evolution_ofa",
    .summary =
        "evolution of Once-for-All: the best quarter breeds mutants and crossovers that hold the "
        "constraints; meant for predicted metrics",
    .paper =
        "H. Cai, C. Gan, T. Wang, Z. Zhang, S. Han: Once-for-All: Train One Network and Specialize "
        "it for Efficient Deployment, ICLR 2020, arXiv:1908.09791",
    .fields = [] { return describe_fields<OfaOptions>(kFields); },
    .resolve =
        [](const OptionMap& options) { return fields_to_map<OfaOptions>(kFields, parse(options)); },
    .make = [](const OptionMap& options) -> std::unique_ptr<Searcher> {
      return std::make_unique<OfaSearcher>(parse(options));
    },
};

}  // namespace nas
