#include <array>

#include "core/api/searcher.h"
#include "searchers/fitness.h"
#include "searchers/mutation.h"
#include "searchers/proposals.h"

namespace nas {
namespace {

struct EvolutionOptions {
  std::int64_t population = 10;
  std::int64_t tournament = 3;
  std::string mutation = "decision";
  bool repeats = false;
};

constexpr std::string_view kNats =
    "NATS-Bench (arXiv 2009.00437): 10 and 3; NAS-Bench-101: 100 and 10; original: 100 and 25";
constexpr std::array kFields = {
    Field<EvolutionOptions>{"population", &EvolutionOptions::population,
                            "members alive; as many random ones begin", "architectures", 2, 1000,
                            kNats},
    Field<EvolutionOptions>{"tournament", &EvolutionOptions::tournament,
                            "members drawn with replacement, the best of which is mutated",
                            "architectures", 1, 1000, kNats},
    Field<EvolutionOptions>{
        .name = "mutation",
        .member = &EvolutionOptions::mutation,
        .meaning = "decision: each is equally likely to change; node: a node of the cell is drawn, "
                   "then one of its incoming edges",
        .source = "node: NATS-Bench, released code; decision: NAS-Bench-101, released code",
        .choices = "decision|node"},
    Field<EvolutionOptions>{"repeats", &EvolutionOptions::repeats,
                            "children may equal earlier proposals, as in the published method; "
                            "otherwise they are drawn again"},
};

EvolutionOptions parse(const OptionMap& options) {
  return parse_fields<EvolutionOptions>(kFields, options, "searcher 'evolution'");
}

struct Member {
  std::int64_t number;
  Architecture architecture;
};

// Real et al. (2019), algorithm 1. The population is a window over the tells, so it needs no state
// of its own: the youngest `population` proposals that did not fail.
class EvolutionSearcher final : public Searcher {
 public:
  explicit EvolutionSearcher(const EvolutionOptions& options) : options_(options) {}

  void start(const SearchSetup& setup) override {
    proposals_.emplace(setup);
    mutation_.emplace(setup.space,
                      options_.mutation == "node" ? MutationKind::kNode : MutationKind::kDecision);
  }

  std::optional<Proposal> ask(std::int64_t number) override {
    if (!options_.repeats && proposals_->exhausted()) return std::nullopt;
    Rng rng = proposals_->rng(number);
    std::optional<Proposal> proposal;
    if (number >= options_.population && !members_.empty()) proposal = child(rng);
    if (!proposal) proposal = Proposal{random(rng), "random"};
    proposals_->note(proposal->architecture);
    return proposal;
  }

  void tell(const Told& told) override {
    proposals_->note(told.architecture);
    Fitness fitness = fitness_of(told);
    if (fitness.outcome == Outcome::kFailed) return;  // nothing to inherit
    members_.push_back({told.number, told.architecture});
    fitness_.push_back(std::move(fitness));
    if (members_.size() > static_cast<std::size_t>(options_.population)) {
      members_.erase(members_.begin());
      fitness_.erase(fitness_.begin());
    }
    standings_ = standings(fitness_);
  }

 private:
  Architecture random(Rng& rng) const {
    return options_.repeats ? sample(proposals_->space(), rng) : proposals_->draw_new(rng);
  }

  // nullopt: a hundred parents had no child that was new.
  std::optional<Proposal> child(Rng& rng) const {
    const int attempts = options_.repeats ? 1 : 100;
    for (int i = 0; i < attempts; ++i) {
      const Member& parent = members_[winner(rng)];
      std::optional<Architecture> mutant = (*mutation_)(parent.architecture, rng);
      if (!mutant || (!options_.repeats && proposals_->seen(*mutant))) continue;
      return Proposal{std::move(*mutant), "mutation of trial " + std::to_string(parent.number)};
    }
    return std::nullopt;
  }

  // The first of the best of a tournament drawn with replacement.
  std::size_t winner(Rng& rng) const {
    std::size_t best = rng.below(members_.size());
    for (std::int64_t i = 1; i < options_.tournament; ++i) {
      const std::size_t rival = rng.below(members_.size());
      if (ahead(standings_[rival], standings_[best])) best = rival;
    }
    return best;
  }

  EvolutionOptions options_;
  std::optional<Proposals> proposals_;
  std::optional<Mutation> mutation_;
  std::vector<Member> members_;  // oldest first; fitness_ and standings_ go with it
  std::vector<Fitness> fitness_;
  std::vector<Standing> standings_;
};

}  // namespace

extern const Plugin<Searcher> evolution_searcher;
constinit const Plugin<Searcher> evolution_searcher{
    .name = "evolution",
    .summary =
        "regularised evolution: tournament, one mutation, the oldest member dies; several "
        "objectives by Pareto rank and crowding",
    .paper =
        "E. Real, A. Aggarwal, Y. Huang, Q. V. Le: Regularized Evolution for Image Classifier "
        "Architecture Search, 2019, arXiv:1802.01548",
    .fields = [] { return describe_fields<EvolutionOptions>(kFields); },
    .resolve =
        [](const OptionMap& options) {
          return fields_to_map<EvolutionOptions>(kFields, parse(options));
        },
    .make = [](const OptionMap& options) -> std::unique_ptr<Searcher> {
      return std::make_unique<EvolutionSearcher>(parse(options));
    },
};

}  // namespace nas
