#include "searchers/adaptive_growth.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "core/util/error.h"
#include "core/util/text.h"

namespace nas {
namespace {

constexpr std::string_view kOwn = "measured: docs/quantum.md";
constexpr std::array kFields = {
    Field<AdaptiveGrowthOptions>{"initial", &AdaptiveGrowthOptions::initial,
                                 "at the start: designs that the space knows, from small to large, "
                                 "or random ones where it knows none",
                                 "architectures", 1, 100'000, kOwn},
    Field<AdaptiveGrowthOptions>{"kept", &AdaptiveGrowthOptions::kept,
                                 "that are kept of each size, and of all", "architectures", 1, 1000,
                                 kOwn},
    Field<AdaptiveGrowthOptions>{"focus", &AdaptiveGrowthOptions::focus,
                                 "probability that a new one is made of the best of all sizes; "
                                 "else a size is drawn and those near it are the parents",
                                 "", 0, 1, kOwn},
    Field<AdaptiveGrowthOptions>{"enough", &AdaptiveGrowthOptions::enough,
                                 "value of the first objective that is good enough: larger "
                                 "architectures are no longer looked at; or none"},
};

AdaptiveGrowthOptions parse(const OptionMap& options) {
  return parse_fields<AdaptiveGrowthOptions>(kFields, options, "searcher 'adaptive_growth'");
}

/// At most `count` of them, spread evenly.
std::vector<Architecture> spread(std::vector<Architecture> all, std::size_t count) {
  if (all.size() <= count) return all;
  std::vector<Architecture> some;
  for (std::size_t i = 0; i < count; ++i) {
    some.push_back(all[count == 1 ? all.size() - 1 : i * (all.size() - 1) / (count - 1)]);
  }
  return some;
}

}  // namespace

AdaptiveGrowth::AdaptiveGrowth(const AdaptiveGrowthOptions& options) : options_(options) {
  if (options.enough == "none") return;
  enough_ = parse_double(options.enough);
  if (enough_ && std::isfinite(*enough_)) return;
  throw Error(ErrorKind::kUsage, "searcher 'adaptive_growth': enough = " +
                                     printable(options.enough) + ": expected a number or none");
}

void AdaptiveGrowth::start(const SearchSetup& setup) {
  proposals_.emplace(setup);
  mutation_.emplace(setup.space, MutationKind::kDecision);
  violation_ = setup.violation;
  maximize_ = setup.objectives.empty() || setup.objectives[0].maximize;
  growable_ = dynamic_cast<const GrowableSpace*>(&setup.space);
  top_ = growable_ != nullptr ? growable_->most_parts() : 0;
  by_size_.resize(top_ + 1);
  if (growable_ == nullptr) return;
  for (Architecture& design : growable_->known_designs()) {
    const bool holds = !violation_ || violation_(design) == 0;
    if (holds) designs_.push_back(std::move(design));
  }
  designs_ = spread(std::move(designs_), static_cast<std::size_t>(options_.initial));
}

std::optional<Proposal> AdaptiveGrowth::ask(std::int64_t number) {
  parent_.reset();
  if (proposals_->exhausted()) return std::nullopt;
  Rng rng = proposals_->rng(number);
  std::optional<Proposal> proposal;
  if (static_cast<std::size_t>(number) < designs_.size()) {
    proposal = Proposal{designs_[static_cast<std::size_t>(number)], "a known design"};
  } else if (!best_.empty() && (!designs_.empty() || number >= options_.initial)) {
    proposal = child(rng);
  }
  if (!proposal) proposal = Proposal{proposals_->draw_new(rng), "random"};
  proposals_->note(proposal->architecture);
  return proposal;
}

void AdaptiveGrowth::tell(const Told& told) {
  proposals_->note(told.architecture);
  const Member member{told.number, told.architecture, fitness_of(told)};
  if (member.fitness.outcome == Outcome::kFailed) return;  // nothing to build on
  const std::size_t size = size_of(member.architecture);
  keep(by_size_[size], member);
  keep(best_, member);
  if (!enough_ || member.fitness.outcome != Outcome::kComplete) return;
  const double wanted = maximize_ ? *enough_ : -*enough_;
  if (member.fitness.merits[0] >= wanted) forget_above(std::max<std::size_t>(1, size));
}

void AdaptiveGrowth::forget_above(std::size_t size) {
  if (size >= top_) return;
  top_ = size;
  best_.clear();
  for (std::size_t i = 0; i <= top_; ++i) {
    for (const Member& member : by_size_[i]) keep(best_, member);
  }
}

// nullopt: a hundred attempts gave nothing new that holds what can be checked beforehand.
std::optional<Proposal> AdaptiveGrowth::child(Rng& rng) {
  constexpr int kAttempts = 100;
  for (int i = 0; i < kAttempts; ++i) {
    std::optional<Proposal> proposal =
        rng.bernoulli(options_.focus) ? of_any_size(rng) : of_size(rng.below(top_ + 1), rng);
    if (!proposal || proposals_->seen(proposal->architecture)) continue;
    if (size_of(proposal->architecture) > top_) continue;
    if (violation_ && violation_(proposal->architecture) > 0) continue;
    return proposal;
  }
  parent_.reset();
  return std::nullopt;
}

std::optional<Proposal> AdaptiveGrowth::of_any_size(Rng& rng) {
  const Member& from = best_[rng.below(best_.size())];
  const std::uint64_t way = rng.below(5);
  if (growable_ != nullptr && way == 0) {
    return made(from, growable_->grown(from.architecture, rng), "a part more than");
  }
  if (growable_ != nullptr && way == 1) {
    return made(from, growable_->shrunk(from.architecture, rng), "a part less than");
  }
  return made(from, changed(from.architecture, rng), "a change of");
}

// From one of a neighbouring size, or of its own; where none of them is known, from the largest
// that is smaller, by parts enough.
std::optional<Proposal> AdaptiveGrowth::of_size(std::size_t size, Rng& rng) {
  const auto drawn = [&rng](const Members& members) -> const Member& {
    return members[rng.below(members.size())];
  };
  const std::uint64_t way = rng.below(10);
  if (way < 3 && size < top_ && !by_size_[size + 1].empty()) {
    const Member& from = drawn(by_size_[size + 1]);
    return made(from, growable_->shrunk(from.architecture, rng), "a part less than");
  }
  if (way < 7 && !by_size_[size].empty()) {
    const Member& from = drawn(by_size_[size]);
    std::optional<Architecture> next = changed(from.architecture, rng);
    if (next && rng.bernoulli(0.5)) next = changed(*next, rng);
    return made(from, std::move(next), "a change of");
  }
  std::size_t below = size;
  while (below > 0 && by_size_[below - 1].empty()) --below;
  if (below == 0) {
    if (by_size_[size].empty()) return std::nullopt;
    const Member& from = drawn(by_size_[size]);
    return made(from, changed(from.architecture, rng), "a change of");
  }
  const Member& from = drawn(by_size_[below - 1]);
  std::optional<Architecture> next = from.architecture;
  for (std::size_t parts = below - 1; next && parts < size; ++parts) {
    next = growable_->grown(*next, rng);
  }
  return made(from, std::move(next), "parts more than");
}

std::optional<Proposal> AdaptiveGrowth::made(const Member& from, std::optional<Architecture> next,
                                             std::string_view how) {
  if (!next) return std::nullopt;
  parent_ = from.number;
  return Proposal{*std::move(next), std::string(how) + " trial " + std::to_string(from.number)};
}

// A part elsewhere, or another choice of one decision.
std::optional<Architecture> AdaptiveGrowth::changed(const Architecture& from, Rng& rng) const {
  constexpr double kParts = 0.6;
  if (growable_ != nullptr && rng.bernoulli(kParts)) {
    std::optional<Architecture> less = growable_->shrunk(from, rng);
    if (less) return growable_->grown(*less, rng);
  }
  return (*mutation_)(from, rng);
}

std::size_t AdaptiveGrowth::size_of(const Architecture& architecture) const {
  return growable_ != nullptr ? growable_->parts(architecture.choices) : 0;
}

// Of equal results the smaller architecture stays, then the older one: what changes nothing would
// fill all places.
void AdaptiveGrowth::keep(Members& members, const Member& member) const {
  const auto equal = std::find_if(members.begin(), members.end(), [&member](const Member& other) {
    return other.fitness.outcome == member.fitness.outcome &&
           other.fitness.violation == member.fitness.violation &&
           other.fitness.merits == member.fitness.merits;
  });
  if (equal != members.end()) {
    if (size_of(member.architecture) >= size_of(equal->architecture)) return;
    members.erase(equal);
  }
  members.push_back(member);
  std::vector<Fitness> fitness;
  for (const Member& one : members) fitness.push_back(one.fitness);
  Members sorted;
  for (const std::size_t i : best_first(fitness)) {
    if (sorted.size() < static_cast<std::size_t>(options_.kept)) sorted.push_back(members[i]);
  }
  members = std::move(sorted);
}

extern const Plugin<Searcher> adaptive_growth_searcher;
constinit const Plugin<Searcher> adaptive_growth_searcher{
    .name = "adaptive_growth",
    .summary =
        "circuits that grow and shrink: the best of every size get a gate for a pair more, less or "
        "elsewhere; begins with known designs",
    .paper =
        "own; after H. R. Grimsley et al.: An adaptive variational algorithm for exact molecular "
        "simulations on a quantum computer, 2019, arXiv:1812.11173 (which adds gates one by one)",
    .fields = [] { return describe_fields<AdaptiveGrowthOptions>(kFields); },
    .resolve =
        [](const OptionMap& options) {
          const AdaptiveGrowthOptions parsed = parse(options);
          (void)AdaptiveGrowth(parsed);  // refuses what cannot be used
          return fields_to_map<AdaptiveGrowthOptions>(kFields, parsed);
        },
    .make = [](const OptionMap& options) -> std::unique_ptr<Searcher> {
      return std::make_unique<AdaptiveGrowth>(parse(options));
    },
};

}  // namespace nas
