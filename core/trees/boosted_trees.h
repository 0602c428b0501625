#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace nas {

struct BoostedTreesOptions {
  std::int64_t rounds = 500;  ///< trees
  double learning_rate = 0.05;
  std::int64_t depth = 6;
  std::int64_t leaves = 0;  ///< most leaves, grown best first on binned inputs; 0: by depth, exact
  double subsample = 0.8;   ///< part of the rows that a tree sees
  double columns = 0.8;     ///< part of the inputs that a tree sees
  double min_child_weight = 1;  ///< fewest rows of a leaf
  double l2 = 1;                ///< penalty on the values of the leaves
  double base = 0;              ///< what the first tree adds to
  std::uint64_t seed = 0;
};

/// Regression by gradient-boosted trees (Chen and Guestrin, XGBoost, 2016, arXiv 1603.02754). Rows
/// are row-major; NaN is a missing input. `fit` and `restore` replace what was there; const methods
/// are safe from several threads. All of them throw Error(kInternal), starting with `who`, for what
/// XGBoost refuses.
class BoostedTrees {
 public:
  explicit BoostedTrees(std::string who);
  ~BoostedTrees();
  BoostedTrees(BoostedTrees&&) noexcept;
  BoostedTrees& operator=(BoostedTrees&&) noexcept;

  bool empty() const;  ///< neither fitted nor restored
  /// `before_round` is called before each tree and may throw to stop. Targets should be centred on
  /// `base`: no constant is fitted.
  void fit(std::span<const double> rows, std::size_t width, std::span<const double> targets,
           const BoostedTreesOptions& options, const std::function<void()>& before_round = {});
  /// Requires that it is not empty, and the width of the fit.
  std::vector<double> predict(std::span<const double> rows, std::size_t width) const;

  std::string save() const;  ///< JSON. Requires that it is not empty.
  /// Throws Error(kData) for a text that `save` has not written.
  void restore(const std::string& text);

 private:
  struct State;
  std::string who_;
  std::unique_ptr<State> state_;
};

}  // namespace nas
