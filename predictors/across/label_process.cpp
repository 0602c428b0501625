#include "predictors/across/label_process.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <utility>

#include "core/util/error.h"
#include "core/util/statistics.h"
#include "predictors/state.h"

namespace nas {
namespace {

constexpr double kBias = 20;      // prior variance of the level, of standardised targets
constexpr double kClip = 2.5;     // median errors; what fails worse fails no worse
constexpr double kMargin = 1e-3;  // above a perfect accuracy, as a part of it
constexpr std::array kScoreParts{1.0, 0.9, 0.7, 0.4, 0.1, 0.0};
// No smaller noise: path features do not say all of a network, and ten labels that happen to lie on
// a line would overturn the score.
constexpr std::array kNoises{0.03, 0.1, 0.3, 1.0};
constexpr double kDesignNoise = 0.3;
constexpr double kDesignScore = 0.2;    // labels are to tell what the score does not
constexpr double kDistanceScale = 4.5;  // exp(-mean d^2 / 4.5)

enum Part : std::size_t {
  kScoreLinear,
  kFeaturesLinear,
  kFeaturesDistance,
  kChoicesLinear,
  kChoicesDistance,
  kParts
};

struct Structure {
  const char* name;
  double features, features_distance, choices, choices_distance;
};
constexpr std::array kStructures{
    Structure{"path features", 1, 0, 0, 0},
    Structure{"distance of path features", 0.5, 0.5, 0, 0},
    Structure{"path features and choices", 0.5, 0, 0.5, 0},
    Structure{"distance of path features and choices", 0.25, 0.25, 0.25, 0.25},
};

/// Quantile of the normal distribution by bisection of erfc: exact to 1e-12, and few are asked for.
double normal_quantile(double p) {
  double low = -8, high = 8;
  for (int i = 0; i < 60; ++i) {
    const double middle = (low + high) / 2;
    (0.5 * std::erfc(-middle / std::sqrt(2.0)) < p ? low : high) = middle;
  }
  return (low + high) / 2;
}

/// Best conceivable value: 100 % or 1, or a tenth of the range above the best of other targets. A
/// little above what a target reaches, since the logarithm of its error must be finite.
double bound_of(std::span<const double> targets) {
  const auto [low, high] = std::minmax_element(targets.begin(), targets.end());
  for (const double best : {1.0, 100.0}) {
    if (*low >= 0 && *high <= best) return *high < best ? best : (1 + kMargin) * best;
  }
  return *high + 0.1 * (*high - *low);
}

}  // namespace

std::vector<KernelPart> LabelProcess::parts(const std::vector<std::size_t>& varying) {
  const auto width = [&](std::size_t block) {
    return std::max<double>(1, static_cast<double>(varying[block]));
  };
  return {{kScore, false, 1},
          {kFeatures, false, width(kFeatures)},
          {kFeatures, true, kDistanceScale * width(kFeatures)},
          {kChoices, false, width(kChoices)},
          {kChoices, true, kDistanceScale * width(kChoices)}};
}

KernelVariant LabelProcess::design(const std::vector<std::size_t>& varying) {
  KernelVariant kernel{"design", std::vector<double>(kParts, 0.0), kDesignNoise};
  const double score = varying[kScore] > 0 ? kDesignScore : 0, structure = 1 - score;
  kernel.weights[kScoreLinear] = score;
  kernel.weights[kFeaturesLinear] = kernel.weights[kFeaturesDistance] = structure / 2;
  return kernel;
}

LabelProcess::LabelProcess(const std::vector<std::size_t>& varying) : varying_(varying) {
  NAS_CHECK(varying.size() == kBlocks, "a width for each block");
  std::vector<Structure> structures;
  for (const Structure& one : kStructures) {
    const bool chosen = one.choices > 0 || one.choices_distance > 0;
    if (!chosen || varying[kChoices] > 0) structures.push_back(one);
  }
  for (const double score : kScoreParts) {
    if (score > 0 && varying[kScore] == 0) continue;
    // Without structure all structures are one, which is as likely as all of another part together.
    const bool alone = score == 1;
    const std::size_t count = alone ? 1 : structures.size();
    for (const Structure& one : std::span(structures).first(count)) {
      for (const double noise : kNoises) {
        const double rest = 1 - score;
        variants_.push_back({one.name,
                             {score, rest * one.features, rest * one.features_distance,
                              rest * one.choices, rest * one.choices_distance},
                             noise,
                             1 / static_cast<double>(count)});
      }
    }
  }
}

void LabelProcess::condition(BlockRows samples, std::span<const double> targets) {
  targets_.assign(targets.begin(), targets.end());
  const auto n = static_cast<double>(targets.size());
  bound_ = bound_of(targets);
  std::vector<double> ranks, errors, heights;
  for (const double rank : average_ranks(targets)) {
    ranks.push_back(normal_quantile((rank - 0.5) / n));
  }
  for (const double target : targets) errors.push_back(bound_ - target);
  const double most = kClip * median(errors);
  for (double& error : errors) {
    heights.push_back(-std::log(error));
    error = -std::log(std::min(error, most));
  }
  rank_mean_ = mean(ranks);
  rank_deviation_ = target_scale(ranks).deviation;
  error_mean_ = mean(errors);
  error_deviation_ = target_scale(errors).deviation;

  std::map<double, double> curve;  // rises strictly, as ranks do
  for (std::size_t i = 0; i < targets.size(); ++i) {
    const double z =
        ((ranks[i] - rank_mean_) / rank_deviation_ + (errors[i] - error_mean_) / error_deviation_) /
        2;
    curve[z] = heights[i];
  }
  knots_.clear();
  heights_.clear();
  for (const auto& [z, height] : curve) {
    knots_.push_back(z);
    heights_.push_back(height);
  }
  slope_ = target_scale(heights_).deviation / target_scale(knots_).deviation;

  const std::vector<KernelPart> all = parts(varying_);
  ranks_.emplace(all, variants_, EvidenceOptions{.bias = kBias});
  errors_.emplace(all, variants_, EvidenceOptions{.bias = kBias});
  errors_->condition(samples, errors);
  ranks_->condition(std::move(samples), ranks);
}

double LabelProcess::target_at(double z) const {
  double height = 0;
  if (z <= knots_.front()) {
    height = heights_.front() + slope_ * (z - knots_.front());
  } else if (z >= knots_.back()) {
    height = heights_.back() + slope_ * (z - knots_.back());
  } else {
    const auto above = std::upper_bound(knots_.begin(), knots_.end(), z);
    const auto i = static_cast<std::size_t>(above - knots_.begin());
    const double part = (z - knots_[i - 1]) / (knots_[i] - knots_[i - 1]);
    height = heights_[i - 1] + part * (heights_[i] - heights_[i - 1]);
  }
  return bound_ - std::exp(-height);
}

std::vector<Forecast> LabelProcess::combine(const std::vector<Forecast>& ranks,
                                            const std::vector<Forecast>& errors) const {
  std::vector<Forecast> result;
  for (std::size_t i = 0; i < ranks.size(); ++i) {
    const double z = ((ranks[i].mean - rank_mean_) / rank_deviation_ +
                      (errors[i].mean - error_mean_) / error_deviation_) /
                     2;
    const double deviation =
        (ranks[i].deviation / rank_deviation_ + errors[i].deviation / error_deviation_) / 2;
    const double width = target_at(z + deviation) - target_at(z - deviation);
    result.push_back({target_at(z), width / 2, ranks[i].freedom});
  }
  return result;
}

std::vector<Forecast> LabelProcess::forecast(const BlockRows& queries) const {
  return combine(ranks_->forecast(queries), errors_->forecast(queries));
}

std::vector<Forecast> LabelProcess::leave_one_out() const {
  return combine(ranks_->leave_one_out(), errors_->leave_one_out());
}

std::vector<std::pair<std::string, double>> LabelProcess::evidence() const {
  std::map<std::string, double> by_name;
  for (const EvidenceGp* process : {&*ranks_, &*errors_}) {
    const std::vector<double> parts_of = process->evidence();
    for (std::size_t i = 0; i < variants_.size(); ++i) {
      const bool score_alone = variants_[i].weights[kScoreLinear] == 1;
      by_name[score_alone ? "the zero-shot score alone" : variants_[i].name] += parts_of[i] / 2;
    }
  }
  std::vector<std::pair<std::string, double>> order(by_name.begin(), by_name.end());
  std::stable_sort(order.begin(), order.end(),
                   [](const auto& a, const auto& b) { return a.second > b.second; });
  return order;
}

double LabelProcess::score_part() const {
  double part = 0;
  for (const EvidenceGp* process : {&*ranks_, &*errors_}) {
    const std::vector<double> parts_of = process->evidence();
    for (std::size_t i = 0; i < variants_.size(); ++i) {
      part += parts_of[i] * variants_[i].weights[kScoreLinear] / 2;
    }
  }
  return part;
}

}  // namespace nas
