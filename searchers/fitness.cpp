#include "searchers/fitness.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <utility>

#include "core/util/error.h"
#include "core/util/statistics.h"

namespace nas {
namespace {

// Adds each member's distance to its neighbours along one merit, as a part of the front's extent.
void add_crowding(std::span<const Fitness> members, std::vector<std::size_t> front,
                  std::size_t merit, std::vector<Standing>& standings) {
  const auto value = [&](std::size_t i) { return members[front[i]].merits[merit]; };
  std::stable_sort(front.begin(), front.end(), [&](std::size_t a, std::size_t b) {
    return members[a].merits[merit] < members[b].merits[merit];
  });
  const std::size_t last = front.size() - 1;
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  standings[front[0]].crowding = kInfinity;
  standings[front[last]].crowding = kInfinity;
  const double extent = value(last) - value(0);
  if (!(extent > 0) || !std::isfinite(extent)) return;
  for (std::size_t i = 1; i < last; ++i) {
    standings[front[i]].crowding += (value(i + 1) - value(i - 1)) / extent;
  }
}

// Peels front after front of members that no remaining one is better than; returns the fronts.
std::vector<std::vector<std::size_t>> fronts_of(std::span<const Fitness> members) {
  std::vector<std::vector<std::size_t>> beats(members.size());
  std::vector<std::size_t> beaten_by(members.size(), 0);
  std::vector<std::size_t> front;
  for (std::size_t i = 0; i < members.size(); ++i) {
    for (std::size_t j = 0; j < members.size(); ++j) {
      if (better(members[i], members[j])) beats[i].push_back(j);
      if (better(members[j], members[i])) ++beaten_by[i];
    }
    if (beaten_by[i] == 0) front.push_back(i);
  }
  std::vector<std::vector<std::size_t>> fronts;
  while (!front.empty()) {
    std::vector<std::size_t> next;
    for (const std::size_t i : front) {
      for (const std::size_t j : beats[i]) {
        if (--beaten_by[j] == 0) next.push_back(j);
      }
    }
    fronts.push_back(std::exchange(front, std::move(next)));
  }
  return fronts;
}

// With at most one merit `better` is a total order of classes, and the rank counts the better ones.
std::vector<Standing> standings_of_one_merit(std::span<const Fitness> members) {
  std::vector<std::size_t> order(members.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(),
            [&](std::size_t a, std::size_t b) { return better(members[a], members[b]); });
  std::vector<Standing> result(members.size());
  std::size_t rank = 0;
  for (std::size_t i = 1; i < order.size(); ++i) {
    if (better(members[order[i - 1]], members[order[i]])) ++rank;
    result[order[i]].rank = rank;
  }
  return result;
}

}  // namespace

Fitness fitness_of(const Told& told) {
  const auto is_nan = [](double merit) { return std::isnan(merit); };
  Fitness fitness{told.outcome, told.violation, {told.merits.begin(), told.merits.end()}};
  if (std::any_of(told.merits.begin(), told.merits.end(), is_nan)) return Fitness{};
  return fitness;
}

bool better(const Fitness& a, const Fitness& b) {
  if (a.outcome != b.outcome) return a.outcome < b.outcome;  // enumerators stand best first
  if (a.outcome == Outcome::kInfeasible) return a.violation < b.violation;
  if (a.outcome != Outcome::kComplete) return false;
  NAS_CHECK(a.merits.size() == b.merits.size(), "merits of unequal number");
  return dominates(b.merits, a.merits);  // which is told of values that are minimised
}

bool ahead(const Standing& a, const Standing& b) {
  return a.rank != b.rank ? a.rank < b.rank : a.crowding > b.crowding;
}

std::vector<Standing> standings(std::span<const Fitness> members) {
  const bool one_merit = std::all_of(members.begin(), members.end(), [](const Fitness& member) {
    return member.merits.size() < 2;
  });
  if (one_merit) return standings_of_one_merit(members);
  std::vector<Standing> result(members.size());
  std::size_t rank = 0;
  for (const std::vector<std::size_t>& front : fronts_of(members)) {
    for (const std::size_t i : front) result[i].rank = rank;
    ++rank;
    const std::size_t merits = members[front[0]].merits.size();
    for (std::size_t merit = 0; merit < merits; ++merit) {
      add_crowding(members, front, merit, result);
    }
  }
  return result;
}

std::vector<std::size_t> best_first(std::span<const Fitness> members) {
  const std::vector<Standing> places = standings(members);
  std::vector<std::size_t> order(members.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return ahead(places[a], places[b]); });
  return order;
}

}  // namespace nas
