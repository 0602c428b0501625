#include "predictors/transfer/measured_scale.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include "core/util/error.h"
#include "core/util/text.h"
#include "predictors/encoding.h"
#include "predictors/transfer/ridge.h"

namespace nas {
namespace {

bool all_finite(std::span<const double> values) {
  return std::all_of(values.begin(), values.end(),
                     [](double value) { return std::isfinite(value); });
}

bool all_equal(std::span<const double> values) {
  return std::all_of(values.begin(), values.end(),
                     [&](double value) { return value == values.front(); });
}

/// One block of rows.
BlockRows choice_rows(std::span<const Subject> subjects) {
  BlockRows rows{subjects.size(), {{}}};
  for (const Subject& subject : subjects) {
    const std::vector<double> row = one_hot(*subject.space, *subject.architecture);
    rows.blocks[0].insert(rows.blocks[0].end(), row.begin(), row.end());
  }
  return rows;
}

}  // namespace

MeasuredScale MeasuredScale::of(std::span<const double> predictions,
                                std::span<const double> measured) {
  const auto [low, high] = std::minmax_element(predictions.begin(), predictions.end());
  const auto [least, most] = std::minmax_element(measured.begin(), measured.end());
  MeasuredScale scale{*low, 0, *least, *least > 0 ? *least / 2 : 0};
  // A network that tells none of them apart says the middle of what was measured.
  if (*high > *low) {
    scale.slope = (*most - *least) / (*high - *low);
  } else {
    scale.to = (*least + *most) / 2;
  }
  return scale;
}

double MeasuredScale::out(double prediction) const {
  const double value = to + slope * (prediction - from);
  return floor > 0 && value < floor ? floor / (2 - value / floor) : value;
}

void check_measurements(std::string_view who, std::span<const double> targets) {
  const std::string name(who);
  if (targets.size() < 2) {
    throw Error(ErrorKind::kData, name + ": needs at least two measurements to learn from, got " +
                                      std::to_string(targets.size()));
  }
  if (!all_finite(targets)) {
    throw Error(ErrorKind::kData, name + ": a measurement is not finite; leave such samples out");
  }
  if (all_equal(targets)) {
    throw Error(ErrorKind::kData, name + ": all " + std::to_string(targets.size()) +
                                      " measurements are " + format_double(targets.front()) +
                                      ", which tells no network from another; measure other "
                                      "networks, or with a finer clock");
  }
}

void check_source(std::string_view who, const TransferTask& task, std::size_t least) {
  NAS_CHECK(task.subjects.size() == task.targets.size(), "one target for each subject");
  std::string wrong;
  if (task.targets.size() < least) {
    wrong = std::to_string(task.targets.size()) + " measurements; at least " +
            std::to_string(least) + " are needed";
  } else if (!all_finite(task.targets)) {
    wrong = "a measurement that is not finite";
  }
  if (wrong.empty()) return;
  throw Error(ErrorKind::kData, std::string(who) + ": source '" + task.name + "' has " + wrong);
}

void check_leave_one_out(std::string_view who, std::size_t measurements) {
  if (measurements >= 3) return;
  throw Error(ErrorKind::kData, std::string(who) + ": leaving one out needs three measurements");
}

TransferTask drawn_part(const TransferTask& task, std::size_t most, Rng& rng) {
  std::vector<std::size_t> rows(task.targets.size());
  std::iota(rows.begin(), rows.end(), std::size_t{0});
  rng.shuffle(std::span(rows));
  rows.resize(std::min(rows.size(), most));
  TransferTask part{task.name, {}, {}};
  for (const std::size_t row : rows) {
    part.subjects.push_back(task.subjects[row]);
    part.targets.push_back(task.targets[row]);
  }
  return part;
}

std::string space_name(const Subject& subject) {
  return subject.space == nullptr ? "" : subject.space->info().name;
}

void check_space_name(std::string_view who, std::span<const Subject> subjects,
                      std::string_view space) {
  for (const Subject& subject : subjects) {
    const std::string name = space_name(subject);
    if (name == space) continue;
    throw Error(ErrorKind::kUsage, std::string(who) + " was fitted for space '" +
                                       std::string(space) + "', not '" + name + "'");
  }
}

const SearchSpace& check_space(std::string_view who, std::span<const Subject> subjects,
                               std::string_view space) {
  NAS_CHECK(!subjects.empty(), "subjects");
  for (const Subject& subject : subjects) {
    if (subject.space != nullptr) continue;
    throw Error(ErrorKind::kUnsupported,
                std::string(who) +
                    " reads choices of a search space, and this network is of none; use transfer");
  }
  check_space_name(who, subjects, space.empty() ? space_name(subjects.front()) : space);
  return *subjects.front().space;
}

double left_out_deviation(std::span<const double> left_out, std::span<const double> measured) {
  double sum = 0;
  for (std::size_t i = 0; i < measured.size(); ++i) {
    sum += (left_out[i] - measured[i]) * (left_out[i] - measured[i]);
  }
  return std::sqrt(sum / static_cast<double>(measured.size()));
}

BlockRows cost_rows(std::span<const Subject> subjects) {
  const SubjectBlocks blocks(subjects.front());
  BlockRows all = blocks.encode(subjects);
  const auto block = blocks.has_cells() ? SubjectBlocks::kCounts : SubjectBlocks::kCost;
  return {subjects.size(), {std::move(all.blocks[block])}};
}

std::vector<double> ridge_estimates(std::span<const Subject> measured,
                                    std::span<const double> targets,
                                    std::span<const Subject> wanted) {
  constexpr std::size_t kSamplesEach = 3;
  constexpr double kPenalty[] = {0.2};  // on standardised columns
  const bool choices = measured.size() >= kSamplesEach * one_hot_width(*measured.front().space);
  BlockRows rows = choices ? choice_rows(measured) : cost_rows(measured),
            asked = choices ? choice_rows(wanted) : cost_rows(wanted);
  const BlockScale scale = BlockScale::of(rows);
  scale.apply(rows);
  scale.apply(asked);
  const std::size_t width = rows.blocks[0].size() / rows.rows;
  const LinearModel model = fit_ridge(rows.blocks[0], width, targets, kPenalty).front();
  std::vector<double> values;
  for (std::size_t i = 0; i < asked.rows; ++i) {
    values.push_back(model.predict(std::span(asked.blocks[0]).subspan(i * width, width)));
  }
  return values;
}

}  // namespace nas
