#include "predictors/across/zero_shot.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "core/util/error.h"
#include "core/util/statistics.h"
#include "predictors/input_encoder.h"
#include "predictors/state.h"

namespace nas {
namespace {

constexpr double kFurthest = 4;  // deviations; beyond, networks are as far
constexpr double kRate = 0.08;
constexpr int kLeaves = 15, kLeastOfLeaf = 50;
constexpr std::size_t kTreeLeaf = 10;

/// Can all be divided by?
bool are_deviations(std::span<const double> values) {
  return std::ranges::all_of(values,
                             [](double value) { return value > 0 && std::isfinite(value); });
}

/// 0 for the worst, 1 for the best.
std::vector<double> rank_labels(std::span<const double> targets) {
  std::vector<double> ranks = average_ranks(targets);
  const double last = std::max<double>(1, static_cast<double>(targets.size()) - 1);
  for (double& rank : ranks) rank = (rank - 1) / last;
  return ranks;
}

}  // namespace

SpaceScale SpaceScale::of(std::span<const PathFeatures> pool) {
  std::vector<double> logs;
  for (const PathFeatures& one : pool) {
    if (one.valid && one.macs > 0) logs.push_back(std::log(one.macs));
  }
  if (logs.empty()) return {};
  return {nas::mean(logs), target_scale(logs).deviation};
}

double SpaceScale::log_macs(const PathFeatures& features) const {
  if (!features.valid || !(features.macs > 0)) return -kFurthest;
  return std::clamp((std::log(features.macs) - mean) / deviation, -kFurthest, kFurthest);
}

ZeroShot::ZeroShot(std::string who) : who_(std::move(who)), booster_(who_) {}

std::vector<double> ZeroShot::inputs(std::span<const PathFeatures> networks,
                                     const SpaceScale& scale) const {
  std::vector<double> rows;
  rows.reserve(networks.size() * kInputs);
  for (const PathFeatures& one : networks) {
    rows.insert(rows.end(), one.values.begin(), one.values.end());
    rows.push_back(scale.log_macs(one));
  }
  return rows;
}

std::vector<float> ZeroShot::net_inputs(std::span<const double> rows) const {
  std::vector<float> inputs;
  inputs.reserve(rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const std::size_t column = i % kInputs;
    const double z = (rows[i] - input_mean_[column]) / input_deviation_[column];
    inputs.push_back(static_cast<float>(std::clamp(z, -kFurthest, kFurthest)));
  }
  return inputs;
}

void ZeroShot::fit(std::span<const Source> sources, const ZeroShotOptions& options,
                   const FitContext& context) {
  std::vector<double> rows, labels;
  std::vector<std::uint32_t> groups;
  for (const Source& source : sources) {
    const std::vector<double> own = inputs(source.networks, SpaceScale::of(source.networks));
    rows.insert(rows.end(), own.begin(), own.end());
    const std::vector<double> ranks = rank_labels(source.targets);
    labels.insert(labels.end(), ranks.begin(), ranks.end());
    groups.resize(labels.size(), groups.empty() ? 0 : groups.back() + 1);
  }
  std::vector<std::vector<double>> targets;
  for (const Source& source : sources) targets.push_back(source.targets);
  as_target_.set_levels(targets);
  const Rng rng({.seed = context.seed, .purpose = Purpose::kPredictor});
  const auto stopped = [&] { check_stop(who_, context); };
  stopped();
  booster_.fit(rows, kInputs, labels,
               {.rounds = options.boosting_rounds,
                .learning_rate = kRate,
                .leaves = kLeaves,
                .subsample = 1,
                .columns = 1,
                .min_child_weight = kLeastOfLeaf,
                .l2 = 0,
                .base = 0.5,
                .seed = stable_mix(context.seed, 0)},
               stopped);
  stopped();
  trees_.fit(rows, kInputs, labels,
             {.trees = static_cast<std::size_t>(options.trees), .leaf = kTreeLeaf}, rng.stream(1));
  const ColumnScale columns = ColumnScale::of(rows, kInputs);
  input_mean_ = columns.mean;
  input_deviation_ = columns.deviation;
  net_ = PairwiseNet(kInputs, rng.stream(2));
  net_.train(net_inputs(rows), labels, groups, {.epochs = static_cast<int>(options.epochs)},
             rng.stream(3), stopped);
  fitted_ = true;
}

ZeroShot::ModelScores ZeroShot::predict(std::span<const PathFeatures> networks) const {
  const std::vector<double> rows = inputs(networks, scale_);
  std::array<std::vector<double>, kModels> scores;
  scores[0] = booster_.predict(rows, kInputs);
  for (std::size_t i = 0; i < networks.size(); ++i) {
    scores[1].push_back(trees_.predict(std::span(rows).subspan(i * kInputs, kInputs)));
  }
  scores[2] = net_.predict(net_inputs(rows));
  return scores;
}

void ZeroShot::settle(std::span<const PathFeatures> pool, double macs_vote) {
  scale_ = SpaceScale::of(pool);
  macs_vote_ = macs_vote;
  const auto scores = predict(pool);
  std::vector<double> sums(pool.size());
  for (std::size_t model = 0; model < kModels; ++model) {
    model_mean_[model] = nas::mean(scores[model]);
    model_deviation_[model] = target_scale(scores[model]).deviation;
    for (std::size_t i = 0; i < pool.size(); ++i) {
      sums[i] += (scores[model][i] - model_mean_[model]) / model_deviation_[model];
    }
  }
  sum_deviation_ = target_scale(sums).deviation;
  as_target_.set_places(combined(scores, pool));
}

std::vector<double> ZeroShot::score(std::span<const PathFeatures> networks) const {
  NAS_CHECK(fitted_, "fitted before it scores");
  if (networks.empty()) return {};
  return combined(predict(networks), networks);
}

std::vector<double> ZeroShot::combined(const ModelScores& scores,
                                       std::span<const PathFeatures> networks) const {
  std::vector<double> result;
  for (std::size_t i = 0; i < networks.size(); ++i) {
    double sum = 0;
    for (std::size_t model = 0; model < kModels; ++model) {
      sum += (scores[model][i] - model_mean_[model]) / model_deviation_[model];
    }
    result.push_back(sum / sum_deviation_ + macs_vote_ * scale_.log_macs(networks[i]));
  }
  return result;
}

void ZeroShot::save(std::vector<PredictorTensor>& tensors, std::string& boosted) const {
  const auto keep = [&tensors](const char* name, std::vector<double> values) {
    const auto size = static_cast<std::int64_t>(values.size());
    tensors.push_back(make_tensor(name, {size}, std::move(values)));
  };
  keep("trees", trees_.save());
  keep("net", {net_.parameters().begin(), net_.parameters().end()});
  keep("input_mean", input_mean_);
  keep("input_deviation", input_deviation_);
  std::vector<double> scale{scale_.mean, scale_.deviation, macs_vote_, sum_deviation_};
  scale.insert(scale.end(), model_mean_.begin(), model_mean_.end());
  scale.insert(scale.end(), model_deviation_.begin(), model_deviation_.end());
  keep("score_scale", std::move(scale));
  keep("places", as_target_.places());
  keep("levels", as_target_.levels());
  boosted = booster_.save();
}

void ZeroShot::restore(const PredictorState& state, const std::string& boosted) {
  input_mean_ = state_tensor(state, "input_mean").data;
  input_deviation_ = state_tensor(state, "input_deviation").data;
  const std::vector<double>& scale = state_tensor(state, "score_scale").data;
  const std::vector<double>& net = state_tensor(state, "net").data;
  net_ = PairwiseNet(kInputs, Rng({}));
  if (!as_target_.restore(state_tensor(state, "places").data, state_tensor(state, "levels").data) ||
      input_mean_.size() != kInputs || input_deviation_.size() != kInputs ||
      !are_deviations(input_deviation_) || scale.size() != 4 + 2 * kModels ||
      !are_deviations(std::array{scale[1], scale[3]}) ||
      !are_deviations(std::span(scale).last(kModels)) || net.size() != net_.parameters().size()) {
    throw Error(ErrorKind::kData, who_ + ": its tensors do not fit");
  }
  std::transform(net.begin(), net.end(), net_.parameters().begin(),
                 [](double value) { return static_cast<float>(value); });
  trees_.restore(state_tensor(state, "trees").data, kInputs);
  scale_ = {scale[0], scale[1]};
  macs_vote_ = scale[2];
  sum_deviation_ = scale[3];
  for (std::size_t i = 0; i < kModels; ++i) {
    model_mean_[i] = scale[4 + i];
    model_deviation_[i] = scale[4 + kModels + i];
  }
  booster_.restore(boosted);
  fitted_ = true;
}

}  // namespace nas
