#include "searchers/elitist_population.h"

#include <algorithm>
#include <iterator>

namespace nas {

void ElitistPopulation::add(const Told& told) {
  children_.push_back({told.number, told.architecture, fitness_of(told)});
  if (children_.size() == places_) select();
}

void ElitistPopulation::select() {
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
    if (parents_.size() == places_) break;
    parents_.push_back(std::move(all[i]));
    standings_.push_back(places[i]);
  }
}

const Individual& ElitistPopulation::winner(Rng& rng) const {
  const std::size_t a = rng.below(parents_.size());
  const std::size_t b = rng.below(parents_.size());
  return parents_[ahead(standings_[b], standings_[a]) ? b : a];
}

std::optional<Proposal> ElitistSearcher::ask(std::int64_t number) {
  if (!repeats_ && proposals_->exhausted()) return std::nullopt;
  Rng rng = proposals_->rng(number);
  std::optional<Proposal> proposal;
  if (!population_.parents().empty()) proposal = valid_child(rng);
  if (!proposal) {
    proposal =
        Proposal{repeats_ ? sample(proposals_->space(), rng) : proposals_->draw_new(rng), "random"};
  }
  proposals_->note(proposal->architecture);
  return proposal;
}

void ElitistSearcher::tell(const Told& told) {
  proposals_->note(told.architecture);
  population_.add(told);
}

/// The first of a hundred children that is valid and, unless repeats are allowed, new.
std::optional<Proposal> ElitistSearcher::valid_child(Rng& rng) const {
  for (int i = 0; i < 100; ++i) {
    Proposal proposal = child(population_, rng);
    make_canonical(proposals_->space(), proposal.architecture);
    if (proposals_->space().objection(proposal.architecture.choices)) continue;
    if (repeats_ || !proposals_->seen(proposal.architecture)) return proposal;
  }
  return std::nullopt;
}

}  // namespace nas
