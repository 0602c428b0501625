#include "core/runtime/supernet/supernet_trainer.h"

#include <algorithm>
#include <array>
#include <utility>

#include "core/runtime/supernet/entries.h"
#include "core/runtime/supernet/path_draw.h"
#include "core/util/error.h"
#include "core/util/text.h"

namespace nas {
namespace {

template <class Value, std::size_t N>
using Names = std::array<std::pair<Value, std::string_view>, N>;

constexpr Names<PathSampling, 3> kSamplings{{{PathSampling::kUniform, "uniform"},
                                             {PathSampling::kFair, "fair"},
                                             {PathSampling::kSandwich, "sandwich"}}};
constexpr Names<SubnetStatistics, 3> kStatistics{{{SubnetStatistics::kBatch, "batch"},
                                                  {SubnetStatistics::kRecalibrated, "recalibrated"},
                                                  {SubnetStatistics::kShared, "shared"}}};

template <class Value, std::size_t N>
std::string name_of(const Names<Value, N>& names, Value value) {
  return std::string(
      std::ranges::find(names, value, [](const auto& pair) { return pair.first; })->second);
}

template <class Value, std::size_t N>
Value parse_name(const Names<Value, N>& names, std::string_view what, std::string_view text) {
  std::vector<std::string> known;
  for (const auto& [value, name] : names) {
    if (name == text) return value;
    known.emplace_back(name);
  }
  throw Error(ErrorKind::kUsage, unknown_name(what, text, known));
}

/// A valid draw is rare in no space that has a blueprint.
constexpr int kMaxRejections = 1'000'000;

}  // namespace

std::string to_string(PathSampling sampling) {
  return name_of(kSamplings, sampling);
}
PathSampling parse_path_sampling(std::string_view text) {
  return parse_name(kSamplings, "path sampling", text);
}
std::string to_string(SubnetStatistics statistics) {
  return name_of(kStatistics, statistics);
}
SubnetStatistics parse_subnet_statistics(std::string_view text) {
  return parse_name(kStatistics, "statistics of a subnet", text);
}

std::string path_training_text(const PathTraining& training) {
  std::string text = "sampling=" + to_string(training.sampling);
  if (training.sampling != PathSampling::kFair) {
    text += "; paths=" + std::to_string(training.paths);
  }
  if (training.teacher_weight != 0) {
    text += "; teacher_weight=" + format_double(training.teacher_weight);
  }
  const std::span<const Decision> decisions = training.space.decisions();
  for (std::size_t i = 0; i < training.choices.size(); ++i) {
    const std::size_t drawn = training.choices[i].size();
    if (drawn == 0 || drawn == decisions[i].choices.size()) continue;
    std::string names;
    for (const std::uint16_t choice : training.choices[i]) {
      names += (names.empty() ? "" : ",") + decisions[i].choices[choice];
    }
    text += "; " + decisions[i].name + "=" + names;
  }
  return text;
}

PathDraw::PathDraw(const PathTraining& training)
    : space_(training.space),
      sampling_(training.sampling),
      paths_(training.paths),
      choices_(training.choices) {
  const std::span<const Decision> decisions = space_.decisions();
  choices_.resize(decisions.size());
  for (std::size_t i = 0; i < decisions.size(); ++i) {
    const std::size_t count = decisions[i].choices.size();
    if (choices_[i].empty()) {
      for (std::size_t c = 0; c < count; ++c) {
        choices_[i].push_back(static_cast<std::uint16_t>(c));
      }
    }
    for (const std::uint16_t choice : choices_[i]) {
      if (choice < count) continue;
      throw Error(ErrorKind::kUsage, "decision '" + decisions[i].name + "' has no choice " +
                                         std::to_string(choice) + "; it has " +
                                         std::to_string(count));
    }
  }
  const std::int64_t least = sampling_ == PathSampling::kSandwich ? 2 : 1;
  if (paths_ < least) {
    throw Error(ErrorKind::kUsage, "paths = " + std::to_string(paths_) +
                                       ", must be >= " + std::to_string(least) + " with sampling " +
                                       to_string(sampling_));
  }
}

Architecture PathDraw::canonical(std::vector<std::uint16_t> choices) const {
  Architecture architecture{space_.info().name, std::move(choices)};
  make_canonical(space_, architecture);
  return architecture;
}

Architecture PathDraw::one(Rng& rng) const {
  for (int i = 0; i < kMaxRejections; ++i) {
    std::vector<std::uint16_t> choices;
    for (const std::vector<std::uint16_t>& drawn : choices_) {
      choices.push_back(drawn[rng.below(drawn.size())]);
    }
    Architecture architecture = canonical(std::move(choices));
    if (!space_.objection(architecture.choices)) return architecture;
  }
  throw Error(ErrorKind::kUsage, "none of these choices make an architecture of the space");
}

Architecture PathDraw::extreme(bool largest) const {
  std::vector<std::uint16_t> choices;
  for (const std::vector<std::uint16_t>& drawn : choices_) {
    choices.push_back(largest ? std::ranges::max(drawn) : std::ranges::min(drawn));
  }
  Architecture architecture = canonical(std::move(choices));
  if (const auto objection = space_.objection(architecture.choices)) {
    throw Error(ErrorKind::kUsage, std::string("the ") + (largest ? "largest" : "smallest") +
                                       " choices are no architecture: " + *objection);
  }
  return architecture;
}

/// Each decision goes through a random order of its choices; shorter ones start over.
std::vector<Architecture> PathDraw::fair(Rng& rng) const {
  std::size_t most = 1;
  std::vector<std::vector<std::uint16_t>> orders = choices_;
  for (std::vector<std::uint16_t>& order : orders) {
    rng.shuffle(std::span(order));
    most = std::max(most, order.size());
  }
  std::vector<Architecture> paths;
  for (std::size_t i = 0; i < most; ++i) {
    std::vector<std::uint16_t> choices;
    for (const auto& order : orders) choices.push_back(order[i % order.size()]);
    Architecture path = canonical(std::move(choices));
    if (!space_.objection(path.choices)) paths.push_back(std::move(path));
  }
  return paths;
}

std::vector<Architecture> PathDraw::draw(Rng& rng) const {
  if (sampling_ == PathSampling::kFair) return fair(rng);
  std::vector<Architecture> paths;
  if (sampling_ == PathSampling::kSandwich) paths = {extreme(true), extreme(false)};
  while (static_cast<std::int64_t>(paths.size()) < paths_) paths.push_back(one(rng));
  return paths;
}

Architecture largest_subnet(const PathTraining& training) {
  Architecture architecture{training.space.info().name, {}};
  const std::span<const Decision> decisions = training.space.decisions();
  for (std::size_t i = 0; i < decisions.size(); ++i) {
    const bool all = i >= training.choices.size() || training.choices[i].empty();
    architecture.choices.push_back(all ? static_cast<std::uint16_t>(decisions[i].choices.size() - 1)
                                       : std::ranges::max(training.choices[i]));
  }
  make_canonical(training.space, architecture);
  return architecture;
}

TrainReport train_paths(WeightBank& bank, const PathTraining& training, const TrainSetup& setup) {
  return torch_table<SupernetTorch>().train_paths(bank, training, setup);
}

std::vector<NamedValue> evaluate_subnet(const WeightBank& bank, Choices choices,
                                        const SubnetEvaluation& setup) {
  return torch_table<SupernetTorch>().evaluate_subnet(bank, choices, setup);
}

}  // namespace nas
