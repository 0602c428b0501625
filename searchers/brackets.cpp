#include "searchers/brackets.h"

#include <algorithm>
#include <cmath>

#include "core/util/error.h"

namespace nas {
namespace {

constexpr double kRounding = 1e-9;  // 12 * 3^-1 is not exactly 4

std::int64_t whole(double value) {
  return static_cast<std::int64_t>(std::floor(value + kRounding));
}

}  // namespace

std::int64_t most_halvings(const Fidelities& fidelities) {
  if (fidelities.largest == 0) return 0;
  if (fidelities.smallest > fidelities.largest) {
    throw Error(ErrorKind::kUsage, "min_epochs = " + std::to_string(fidelities.smallest) +
                                       ", but a training has only " +
                                       std::to_string(fidelities.largest) + " epochs");
  }
  const double ratio =
      static_cast<double>(fidelities.largest) / static_cast<double>(fidelities.smallest);
  return whole(std::log(ratio) / std::log(fidelities.eta));
}

std::vector<std::int64_t> ladder(const Fidelities& fidelities) {
  std::vector<std::int64_t> epochs;
  for (std::int64_t step = most_halvings(fidelities); step >= 0; --step) {
    epochs.push_back(whole(static_cast<double>(fidelities.largest) *
                           std::pow(fidelities.eta, -static_cast<double>(step))));
  }
  return epochs;
}

std::vector<Rung> halving_rungs(const Fidelities& fidelities, std::int64_t halvings,
                                std::size_t configurations) {
  const std::vector<std::int64_t> epochs = ladder(fidelities);
  NAS_CHECK(halvings >= 0 && halvings < static_cast<std::int64_t>(epochs.size()),
            "a bracket that starts below the ladder");
  std::vector<Rung> rungs;
  std::size_t size = configurations;
  for (std::size_t i = epochs.size() - 1 - static_cast<std::size_t>(halvings); i < epochs.size();
       ++i) {
    rungs.push_back({epochs[i], size});
    size = static_cast<std::size_t>(
        std::max<std::int64_t>(whole(static_cast<double>(size) / fidelities.eta), 1));
  }
  return rungs;
}

std::vector<Rung> hyperband_rungs(const Fidelities& fidelities, std::int64_t halvings) {
  const auto brackets = static_cast<double>(most_halvings(fidelities) + 1);
  const auto rungs = static_cast<double>(halvings + 1);
  const double size = brackets / rungs * std::pow(fidelities.eta, static_cast<double>(halvings));
  return halving_rungs(fidelities, halvings, static_cast<std::size_t>(std::ceil(size - kRounding)));
}

Bracket::Bracket(std::vector<Rung> rungs) {
  for (const Rung& rung : rungs) levels_.push_back({rung, {}, {}});
}

std::optional<Bracket::Promotion> Bracket::promotion() const {
  for (const Level& level : levels_) {
    if (!level.waiting.empty()) return level.waiting.front();
  }
  return std::nullopt;
}

std::optional<std::int64_t> Bracket::epochs_of_fresh() const {
  const Level& first = levels_.front();
  if (first.members.size() >= first.rung.size) return std::nullopt;
  return first.rung.epochs;
}

bool Bracket::contains(const Architecture& architecture) const {
  const std::vector<Member>& members = levels_.front().members;
  return std::any_of(members.begin(), members.end(),
                     [&](const Member& member) { return member.architecture == architecture; });
}

void Bracket::add_fresh(std::int64_t number, const Architecture& architecture) {
  levels_.front().members.push_back({number, architecture, std::nullopt});
}

bool Bracket::promote(std::int64_t number, const Architecture& architecture, std::int64_t epochs) {
  for (Level& level : levels_) {
    if (level.rung.epochs != epochs) continue;
    const auto found = std::find_if(
        level.waiting.begin(), level.waiting.end(),
        [&](const Promotion& waiting) { return waiting.architecture == architecture; });
    if (found == level.waiting.end()) continue;
    level.waiting.erase(found);
    level.members.push_back({number, architecture, std::nullopt});
    return true;
  }
  return false;
}

bool Bracket::tell(std::int64_t number, const Fitness& fitness) {
  for (std::size_t i = 0; i < levels_.size(); ++i) {
    for (Member& member : levels_[i].members) {
      if (member.number != number) continue;
      member.fitness = fitness;
      fill_next(i);
      return true;
    }
  }
  return false;
}

// Once a rung is complete its best become the next rung. Failed and infeasible ones are never
// promoted, so that a rung may be smaller than planned.
void Bracket::fill_next(std::size_t level) {
  const Level& done = levels_[level];
  if (level + 1 == levels_.size() || done.members.size() < done.rung.size) return;
  std::vector<Fitness> fitness;
  for (const Member& member : done.members) {
    if (!member.fitness) return;
    fitness.push_back(*member.fitness);
  }
  Level& next = levels_[level + 1];
  for (const std::size_t i : best_first(fitness)) {
    if (next.waiting.size() == next.rung.size) break;
    if (fitness[i].outcome != Outcome::kComplete) continue;
    next.waiting.push_back(
        {done.members[i].architecture, next.rung.epochs, done.members[i].number});
  }
  // Fewer survivors: the rungs above shrink to what there is.
  for (std::size_t above = level + 1; above < levels_.size(); ++above) {
    levels_[above].rung.size = std::min(levels_[above].rung.size, next.waiting.size());
  }
}

bool Bracket::finished() const {
  for (const Level& level : levels_) {
    if (level.members.size() < level.rung.size) return false;
    for (const Member& member : level.members) {
      if (!member.fitness) return false;
    }
  }
  return true;
}

void BracketSearcher::start(const SearchSetup& setup) {
  proposals_.emplace(setup);
  trains_ = setup.epochs > 0;
  prepare(setup);
}

std::optional<Proposal> BracketSearcher::ask(std::int64_t number) {
  for (const auto& [index, bracket] : open_) {
    const auto promotion = bracket.promotion();
    if (!promotion) continue;
    Proposal proposal{promotion->architecture,
                      "bracket " + std::to_string(index) + ": trial " +
                          std::to_string(promotion->from) + " is promoted to " +
                          std::to_string(promotion->epochs) + " epochs",
                      promotion->epochs};
    place(number, proposal.architecture, proposal.epochs);
    return proposal;
  }
  // Without fidelities a configuration is judged once; with them, brackets may share some.
  if (!trains_ && proposals_->exhausted()) return std::nullopt;
  if ((open_.empty() || !open_.rbegin()->second.epochs_of_fresh()) && !open_bracket()) {
    return std::nullopt;
  }
  const auto& [index, bracket] = *open_.rbegin();
  Rng rng = proposals_->rng(number);
  Proposal proposal = fresh(bracket, rng);
  proposal.epochs = *bracket.epochs_of_fresh();
  proposal.reason = "bracket " + std::to_string(index) + ": " + proposal.reason;
  place(number, proposal.architecture, proposal.epochs);
  return proposal;
}

void BracketSearcher::tell(const Told& told) {
  if (told.number > placed_) place(told.number, told.architecture, told.epochs);
  const Fitness fitness = fitness_of(told);
  for (auto found = open_.begin(); found != open_.end(); ++found) {
    if (!found->second.tell(told.number, fitness)) continue;
    if (found->second.finished()) open_.erase(found);
    break;
  }
  learn(told, fitness);
}

Proposal BracketSearcher::fresh(const Bracket& bracket, Rng& rng) const {
  if (!trains_) return {proposals_->draw_new(rng), "random"};
  constexpr int kDraws = 100;
  Architecture architecture = sample(proposals_->space(), rng);
  for (int i = 1; i < kDraws && bracket.contains(architecture); ++i) {
    architecture = sample(proposals_->space(), rng);
  }
  return {std::move(architecture), "random"};
}

void BracketSearcher::learn(const Told&, const Fitness&) {}

bool BracketSearcher::open_bracket() {
  auto rungs = plan(opened_);
  if (!rungs) return false;
  open_.emplace(opened_++, Bracket(*std::move(rungs)));
  return true;
}

void BracketSearcher::place(std::int64_t number, const Architecture& architecture,
                            std::int64_t epochs) {
  placed_ = number;
  proposals_->note(architecture);
  for (auto& [index, bracket] : open_) {
    if (bracket.promote(number, architecture, epochs)) return;
  }
  // First rungs are filled one bracket after the other.
  if ((open_.empty() || !open_.rbegin()->second.epochs_of_fresh()) && !open_bracket()) return;
  open_.rbegin()->second.add_fresh(number, architecture);
}

}  // namespace nas
