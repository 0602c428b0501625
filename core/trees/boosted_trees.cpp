#include "core/trees/boosted_trees.h"

#include <xgboost/c_api.h>

#include <limits>
#include <mutex>
#include <utility>

#include "core/util/error.h"
#include "core/util/text.h"

namespace nas {
namespace {

struct MatrixFree {
  void operator()(void* handle) const { XGDMatrixFree(handle); }
};
struct BoosterFree {
  void operator()(void* handle) const { XGBoosterFree(handle); }
};
using OwnedMatrix = std::unique_ptr<void, MatrixFree>;
using OwnedBooster = std::unique_ptr<void, BoosterFree>;

void check(const std::string& who, int code) {
  if (code == 0) return;
  const std::string text = XGBGetLastError();
  throw Error(ErrorKind::kInternal, who + ": " + text.substr(0, text.find('\n')));
}

OwnedMatrix matrix_of(const std::string& who, std::span<const double> rows, std::size_t width) {
  const std::vector<float> values(rows.begin(), rows.end());
  DMatrixHandle handle = nullptr;
  check(who, XGDMatrixCreateFromMat(values.data(), values.size() / width, width,
                                    std::numeric_limits<float>::quiet_NaN(), &handle));
  return OwnedMatrix(handle);
}

void set(const std::string& who, const OwnedBooster& booster,
         const std::vector<std::pair<std::string, std::string>>& parameters) {
  for (const auto& [name, value] : parameters) {
    check(who, XGBoosterSetParam(booster.get(), name.c_str(), value.c_str()));
  }
}

OwnedBooster new_booster(const std::string& who, std::vector<DMatrixHandle> cached) {
  BoosterHandle handle = nullptr;
  check(who, XGBoosterCreate(cached.data(), cached.size(), &handle));
  OwnedBooster booster(handle);
  set(who, booster, {{"nthread", "1"}, {"verbosity", "0"}});
  return booster;
}

}  // namespace

struct BoostedTrees::State {
  OwnedBooster booster;
  std::mutex mutex;  // guards what the booster does in const calls: it keeps a cache
};

BoostedTrees::BoostedTrees(std::string who) : who_(std::move(who)) {}
BoostedTrees::~BoostedTrees() = default;
BoostedTrees::BoostedTrees(BoostedTrees&&) noexcept = default;
BoostedTrees& BoostedTrees::operator=(BoostedTrees&&) noexcept = default;

bool BoostedTrees::empty() const {
  return state_ == nullptr;
}

void BoostedTrees::fit(std::span<const double> rows, std::size_t width,
                       std::span<const double> targets, const BoostedTreesOptions& options,
                       const std::function<void()>& before_round) {
  NAS_CHECK(width > 0 && rows.size() == width * targets.size(), "rows do not match targets");
  const OwnedMatrix matrix = matrix_of(who_, rows, width);
  const std::vector<float> labels(targets.begin(), targets.end());
  check(who_, XGDMatrixSetFloatInfo(matrix.get(), "label", labels.data(), labels.size()));
  auto state = std::make_unique<State>();
  state->booster = new_booster(who_, {matrix.get()});
  set(who_, state->booster,
      {{"objective", "reg:squarederror"},
       {"base_score", format_double(options.base)},
       {"lambda", format_double(options.l2)},
       {"seed", std::to_string(options.seed % 2'147'483'647ULL)},
       {"eta", format_double(options.learning_rate)},
       {"subsample", format_double(options.subsample)},
       {"colsample_bytree", format_double(options.columns)},
       {"min_child_weight", format_double(options.min_child_weight)}});
  if (options.leaves > 0) {
    set(who_, state->booster,
        {{"tree_method", "hist"},
         {"grow_policy", "lossguide"},
         {"max_depth", "0"},
         {"max_leaves", std::to_string(options.leaves)}});
  } else {
    set(who_, state->booster,
        {{"tree_method", "exact"}, {"max_depth", std::to_string(options.depth)}});
  }
  for (int round = 0; round < options.rounds; ++round) {
    if (before_round) before_round();
    check(who_, XGBoosterUpdateOneIter(state->booster.get(), round, matrix.get()));
  }
  state_ = std::move(state);
}

std::vector<double> BoostedTrees::predict(std::span<const double> rows, std::size_t width) const {
  if (rows.empty()) return {};
  NAS_CHECK(state_ != nullptr, "trees that nothing was fitted to");
  const OwnedMatrix matrix = matrix_of(who_, rows, width);
  const std::lock_guard lock(state_->mutex);
  bst_ulong count = 0;
  const float* values = nullptr;
  check(who_, XGBoosterPredict(state_->booster.get(), matrix.get(), 0, 0, 0, &count, &values));
  return {values, values + count};
}

std::string BoostedTrees::save() const {
  NAS_CHECK(state_ != nullptr, "trees that nothing was fitted to");
  bst_ulong length = 0;
  const char* bytes = nullptr;
  const std::lock_guard lock(state_->mutex);
  check(who_, XGBoosterSaveModelToBuffer(state_->booster.get(), R"({"format": "json"})", &length,
                                         &bytes));
  return {bytes, length};
}

void BoostedTrees::restore(const std::string& text) {
  auto state = std::make_unique<State>();
  state->booster = new_booster(who_, {});
  if (XGBoosterLoadModelFromBuffer(state->booster.get(), text.data(), text.size()) != 0) {
    throw Error(ErrorKind::kData, who_ + ": its trees are damaged");
  }
  state_ = std::move(state);
}

}  // namespace nas
