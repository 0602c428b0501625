#include "searchers/score_pool.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

#include "core/util/text.h"

namespace nas {
namespace {

std::vector<std::string> usual_proxies(const std::vector<std::string>& known) {
  constexpr std::string_view kUsual[] = {"grad_norm", "snip",      "grasp", "fisher",
                                         "synflow",   "jacob_cov", "jacov"};
  std::vector<std::string> names;
  for (const std::string_view name : kUsual) {
    if (std::find(known.begin(), known.end(), name) != known.end()) names.emplace_back(name);
  }
  return names.empty() ? known : names;
}

// Every valid combination of choices, the last decision fastest.
std::vector<Architecture> enumerated(const SearchSpace& space) {
  std::vector<Architecture> all;
  const auto decisions = space.decisions();
  Architecture architecture{space.info().name, std::vector<std::uint16_t>(decisions.size(), 0)};
  for (;;) {
    if (!space.objection(architecture.choices)) all.push_back(architecture);
    std::size_t i = decisions.size();
    while (i > 0 && architecture.choices[i - 1] + 1U == decisions[i - 1].choices.size()) {
      architecture.choices[--i] = 0;
    }
    if (i == 0) return all;
    ++architecture.choices[i - 1];
  }
}

}  // namespace

std::vector<Architecture> architecture_pool(const SearchSpace& space, std::size_t most, Rng rng) {
  const auto* indexed = dynamic_cast<const IndexedSpace*>(&space);
  if (indexed != nullptr && indexed->size() <= most) {
    std::vector<Architecture> all;
    for (std::uint64_t i = 0; i < indexed->size(); ++i) all.push_back(indexed->at(i));
    return all;
  }
  double combinations = 1;
  for (const Decision& decision : space.decisions()) {
    combinations *= static_cast<double>(decision.choices.size());
  }
  if (combinations <= static_cast<double>(most)) return enumerated(space);
  std::vector<Architecture> drawn;
  std::set<std::vector<std::uint16_t>> seen;
  for (std::size_t i = 0; i < 4 * most && drawn.size() < most; ++i) {
    Architecture architecture = sample(space, rng);
    if (seen.insert(architecture.choices).second) drawn.push_back(std::move(architecture));
  }
  return drawn;
}

std::vector<Architecture> study_pool(const SearchSetup& setup, std::size_t most) {
  std::vector<Architecture> pool;
  if (setup.scores != nullptr) pool = setup.scores->pool();
  if (!pool.empty()) return pool;
  const Rng rng({.seed = setup.seed, .study = setup.study, .purpose = Purpose::kProxy});
  return architecture_pool(setup.space, most, rng);
}

std::vector<std::string> scores_named(const ScoreSource* scores, const std::string& name,
                                      const std::vector<std::string>& others,
                                      std::string_view who) {
  std::vector<std::string> known = others;
  if (scores != nullptr) {
    std::vector<std::string> elements;
    for (const std::string& one : scores->names()) {
      if (one == name) return {name};
      if (one.starts_with(name + "[")) elements.push_back(one);
      known.push_back(one.substr(0, one.find('[')));
    }
    if (!elements.empty()) return elements;
    known.erase(std::unique(known.begin(), known.end()), known.end());
  }
  throw Error(ErrorKind::kUsage, std::string(who) + ": " + unknown_name("score", name, known));
}

ScorePool ScorePool::of(const SearchSetup& setup, std::string_view proxies, std::size_t most,
                        std::string_view who) {
  if (setup.scores == nullptr) {
    throw Error(ErrorKind::kUsage,
                std::string(who) +
                    ": needs zero-cost scores of architectures; give the study a "
                    "benchmark with scores, or the names of proxies to compute");
  }
  std::vector<std::string> names = setup.scores->names();
  if (proxies.empty()) {
    names = usual_proxies(names);
  } else {
    std::vector<std::string> wanted = split(proxies, '+');
    for (const std::string& name : wanted) {
      if (std::find(names.begin(), names.end(), name) == names.end()) {
        throw Error(ErrorKind::kUsage,
                    std::string(who) + ": " + unknown_name("score", name, names));
      }
    }
    names = std::move(wanted);
  }
  if (names.empty()) throw Error(ErrorKind::kUsage, std::string(who) + ": there are no scores");
  std::vector<Architecture> pool = study_pool(setup, most);
  std::vector<double> scores = setup.scores->scores(pool, names);
  return {std::move(pool), std::move(names), std::move(scores)};
}

ScorePool::ScorePool(std::vector<Architecture> architectures, std::vector<std::string> names,
                     std::vector<double> scores)
    : architectures_(std::move(architectures)),
      names_(std::move(names)),
      scores_(std::move(scores)) {
  NAS_CHECK(scores_.size() == architectures_.size() * names_.size(), "scores of a pool");
  for (std::size_t row = 0; row < architectures_.size(); ++row) {
    rows_.emplace(architectures_[row].choices, row);
  }
  constexpr double kFailed = -1e8;  // how the public tables mark what was not finite
  for (std::size_t k = 0; k < names_.size(); ++k) {
    double low = std::numeric_limits<double>::infinity(), high = -low;
    for (std::size_t i = k; i < scores_.size(); i += names_.size()) {
      if (scores_[i] <= kFailed || !std::isfinite(scores_[i])) {
        scores_[i] = std::numeric_limits<double>::quiet_NaN();
        continue;
      }
      low = std::min(low, scores_[i]);
      high = std::max(high, scores_[i]);
    }
    for (std::size_t i = k; i < scores_.size(); i += names_.size()) {
      if (std::isnan(scores_[i])) {
        scores_[i] = 0;
      } else if (high > low) {
        scores_[i] = (scores_[i] - low) / (high - low);
      }
    }
  }
}

std::optional<std::size_t> ScorePool::find(const Architecture& architecture) const {
  const auto found = rows_.find(architecture.choices);
  if (found == rows_.end()) return std::nullopt;
  return found->second;
}

std::size_t ScorePool::first(std::span<const double> weights) const {
  return first_unseen(weights, {}).value();
}

std::optional<std::size_t> ScorePool::first_unseen(std::span<const double> weights,
                                                   const std::vector<bool>& seen) const {
  std::optional<std::size_t> best;
  double best_score = 0;
  for (std::size_t row = 0; row < architectures_.size(); ++row) {
    if (!seen.empty() && seen[row]) continue;
    double score = 0;
    for (std::size_t k = 0; k < weights.size(); ++k) {
      score += weights[k] * scores_[row * weights.size() + k];
    }
    if (!best || score >= best_score) {
      best = row;
      best_score = score;
    }
  }
  return best;
}

}  // namespace nas
