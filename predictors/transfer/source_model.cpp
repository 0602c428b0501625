#include "predictors/transfer/source_model.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include "core/util/error.h"
#include "predictors/state.h"

namespace nas {
namespace {

constexpr std::array kPenalties{0.3, 1.0, 3.0, 10.0, 30.0, 100.0};
constexpr std::array kTreeParts{0.0, 0.5, 1.0};
constexpr std::size_t kHeldOut = 5;       // one in five
constexpr std::size_t kTrialTrees = 20;   // tell whether trees are worth it
constexpr std::size_t kFewFeatures = 60;  // up to these a split tries all, then a third

ExtraTreesOptions tree_options(std::size_t trees, std::size_t width) {
  return {.trees = trees,
          .leaf = 2,
          .features = width <= kFewFeatures ? 0 : std::max(kFewFeatures, width / 3)};
}

struct Selection {
  std::vector<double> rows, targets;
};

Selection select(std::span<const double> rows, std::size_t width, std::span<const double> targets,
                 std::span<const std::size_t> samples) {
  Selection chosen;
  for (const std::size_t sample : samples) {
    const auto row = rows.subspan(sample * width, width);
    chosen.rows.insert(chosen.rows.end(), row.begin(), row.end());
    chosen.targets.push_back(targets[sample]);
  }
  return chosen;
}

}  // namespace

void SourceModel::fit(std::span<const double> rows, std::size_t width,
                      std::span<const double> targets, std::size_t trees, Rng rng) {
  std::vector<std::size_t> order(targets.size());
  std::iota(order.begin(), order.end(), 0);
  rng.shuffle(std::span(order));
  const std::size_t held = std::max<std::size_t>(1, targets.size() / kHeldOut);
  const Selection test = select(rows, width, targets, std::span(order).first(held));
  const Selection train = select(rows, width, targets, std::span(order).subspan(held));
  const std::vector<LinearModel> candidates =
      fit_ridge(train.rows, width, train.targets, kPenalties);
  ExtraTrees forest;
  const std::size_t trial = std::min(trees, kTrialTrees);
  forest.fit(train.rows, width, train.targets, tree_options(trial, width), rng.stream(1));
  double least = HUGE_VAL, penalty = kPenalties[0];
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    for (const double part : kTreeParts) {
      if (part > 0 && trees == 0) continue;
      double error = 0;
      for (std::size_t sample = 0; sample < test.targets.size(); ++sample) {
        const auto row = std::span(test.rows).subspan(sample * width, width);
        const double value = (1 - part) * candidates[i].predict(row) + part * forest.predict(row);
        error += (value - test.targets[sample]) * (value - test.targets[sample]);
      }
      if (error >= least) continue;
      least = error;
      penalty = kPenalties[i];
      tree_part_ = part;
    }
  }
  linear_ = fit_ridge(rows, width, targets, std::span(&penalty, 1)).front();
  const std::size_t wanted = tree_part_ > 0 ? trees : 0;
  trees_.fit(rows, width, targets, tree_options(wanted, width), rng.stream(2));
}

double SourceModel::predict(std::span<const double> row) const {
  const double linear = tree_part_ < 1 ? linear_.predict(row) : 0;
  return (1 - tree_part_) * linear + (tree_part_ > 0 ? tree_part_ * trees_.predict(row) : 0);
}

void SourceModel::save(const std::string& name, std::vector<PredictorTensor>& tensors) const {
  std::vector<double> linear{tree_part_, linear_.intercept};
  linear.insert(linear.end(), linear_.weights.begin(), linear_.weights.end());
  const auto size = static_cast<std::int64_t>(linear.size());
  tensors.push_back(make_tensor(name + ".linear", {size}, std::move(linear)));
  std::vector<double> trees = trees_.save();
  const auto nodes = static_cast<std::int64_t>(trees.size());
  tensors.push_back(make_tensor(name + ".trees", {nodes}, std::move(trees)));
}

void SourceModel::restore(const std::string& name, const PredictorState& state, std::size_t width) {
  const std::vector<double>& linear = state_tensor(state, name + ".linear").data;
  if (linear.size() != width + 2 || !(linear[0] >= 0 && linear[0] <= 1)) {
    throw Error(ErrorKind::kData, "fitted predictor: tensor '" + name + ".linear' does not fit");
  }
  tree_part_ = linear[0];
  linear_ = {{linear.begin() + 2, linear.end()}, linear[1]};
  trees_.restore(state_tensor(state, name + ".trees").data, width);
}

}  // namespace nas
