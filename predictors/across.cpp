#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <optional>

#include "core/util/text.h"
#include "predictors/across/label_process.h"
#include "predictors/across/path_features.h"
#include "predictors/across/zero_shot.h"
#include "predictors/encoding.h"
#include "predictors/registry.h"
#include "predictors/state.h"
#include "predictors/transfer/measured_scale.h"
#include "predictors/transfer/subject_blocks.h"
#include "predictors/transfer/transfer_base.h"

// Accuracy in a space that was never seen, from labels of other spaces: what it learns from is in
// across/zero_shot.h, how a few labels of the space itself come in in across/label_process.h.

namespace nas {
namespace {

constexpr std::string_view kWho = "predictor 'across'";

constexpr std::array kFields = {
    Field<ZeroShotOptions>{"rounds", &ZeroShotOptions::boosting_rounds,
                           "trees of the gradient boosting", "trees", 1, 10'000},
    Field<ZeroShotOptions>{"trees", &ZeroShotOptions::trees, "extra-trees", "trees", 1, 1000},
    Field<ZeroShotOptions>{"epochs", &ZeroShotOptions::epochs,
                           "of the perceptron that learns which of two is better", "epochs", 1,
                           1000},
    Field<ZeroShotOptions>{"macs_vote", &ZeroShotOptions::macs_vote,
                           "weight of the logarithm of the MACs beside the models' score", "", 0,
                           10},
};

ZeroShotOptions parse(const OptionMap& options) {
  return parse_fields<ZeroShotOptions>(kFields, options, kWho);
}

constexpr std::size_t kMostSamples = 1000;
constexpr std::size_t kLeastSource = 50;
constexpr std::size_t kPoolSize = 1000;  // sampled where nothing else says what is usual

class AcrossPlugin final : public TransferBase {
 public:
  explicit AcrossPlugin(ZeroShotOptions options) : TransferBase(kWho), options_(options) {}

  void fit_alone(const SearchSpace& space, std::span<const Subject> subjects,
                 std::span<const double> targets, const FitContext& context) override {
    fit_to_pool(space, kPoolSize, subjects, targets, context);
  }

  void fit_tasks(std::span<const TransferTask> tasks, std::span<const Subject> pool,
                 const FitContext& context) override {
    if (pool.empty()) {
      NAS_CHECK(!tasks.empty() && !tasks.front().subjects.empty(), "networks of the new space");
      return fit_tasks(tasks, tasks.front().subjects, context);
    }
    process_.reset();
    zero_shot_ = ZeroShot(std::string(kWho));
    names_.clear();
    space_ = space_name(pool.front());
    std::vector<ZeroShot::Source> sources;
    for (const TransferTask& task : tasks) {
      check_stop(kWho, context);
      check_task(task);
      names_.push_back(task.name);
      ZeroShot::Source& source = sources.emplace_back();
      source.networks = features_of(task.subjects);
      source.targets = task.targets;
    }
    const std::vector<PathFeatures> networks = features_of(pool);
    if (!sources.empty()) {
      zero_shot_.fit(sources, options_, context);
      zero_shot_.settle(networks, options_.macs_vote);
    }
    pool_scale_ = SpaceScale::of(networks);
    scale_ = BlockScale::of(blocks_of(pool, networks));
  }

  void adapt(std::span<const Subject> subjects, std::span<const double> targets) override {
    NAS_CHECK(subjects.size() == targets.size(), "one target for each subject");
    if (targets.size() < 2) {
      throw Error(ErrorKind::kData, std::string(kWho) +
                                        ": needs at least two samples to learn from, got " +
                                        std::to_string(targets.size()));
    }
    if (targets.size() > kMostSamples) {
      throw Error(ErrorKind::kUsage,
                  std::string(kWho) + " learns from at most " + std::to_string(kMostSamples) +
                      " samples of the space, got " + std::to_string(targets.size()) +
                      "; give fewer (--train), or use xgboost");
    }
    if (!std::ranges::all_of(targets, [](double value) { return std::isfinite(value); })) {
      throw Error(ErrorKind::kData,
                  std::string(kWho) + ": a sample has no finite value; leave such samples out");
    }
    const auto [low, high] = std::minmax_element(targets.begin(), targets.end());
    if (*low == *high) {
      throw Error(ErrorKind::kData, std::string(kWho) + ": all " + std::to_string(targets.size()) +
                                        " samples have the value " + format_double(*low) +
                                        ", which tells no network from another");
    }
    condition(encode(subjects), targets);
  }

  std::vector<Forecast> forecast(std::span<const Subject> subjects) const override {
    if (subjects.empty()) return {};
    if (process_) return process_->forecast(encode(subjects));
    NAS_CHECK(zero_shot_.fitted(), "tasks or samples before it predicts");
    check_space_name(kWho, subjects, space_);
    std::vector<Forecast> result;
    for (const double score : zero_shot_.score(features_of(subjects))) {
      result.push_back({zero_shot_.as_target(score)});
    }
    return result;
  }

  LeaveOneOut leave_one_out() const override {
    NAS_CHECK(process_.has_value(), "adapted before it is judged");
    const std::span<const double> targets = process_->targets();
    check_leave_one_out(kWho, targets.size());
    return left_out(process_->leave_one_out(), targets);
  }

  std::vector<std::size_t> suggest(std::span<const Subject> candidates,
                                   std::span<const Subject> measured,
                                   std::size_t count) const override {
    if (candidates.empty()) return {};
    const BlockRows known = measured.empty() ? BlockRows{} : encode(measured);
    constexpr double kBias = 20;
    return most_uncertain(encode(candidates), known, LabelProcess::parts(varying()),
                          LabelProcess::design(varying()), kBias, count);
  }

  std::vector<std::string> findings() const override {
    NAS_CHECK(process_.has_value(), "adapted before it is asked");
    std::vector<std::string> lines;
    for (const auto& [name, part] : process_->evidence()) {
      if (part >= 0.005) lines.push_back(percent(part) + " of the evidence for " + name);
    }
    if (zero_shot_.fitted()) {
      lines.push_back(percent(process_->score_part()) + " of the covariance from " +
                      std::to_string(names_.size()) + " other space(s)");
    }
    return lines;
  }

  PredictorState save() const override;
  void restore(const PredictorState& state) override;

 private:
  static std::string percent(double part) {
    char text[32];
    std::snprintf(text, sizeof text, "%.0f %%", 100 * part);
    return text;
  }

  static void check_task(const TransferTask& task) {
    NAS_CHECK(task.subjects.size() == task.targets.size(), "one target for each subject");
    const bool finite = std::all_of(task.targets.begin(), task.targets.end(),
                                    [](double value) { return std::isfinite(value); });
    if (task.targets.size() >= kLeastSource && finite) return;
    throw Error(ErrorKind::kData,
                std::string(kWho) + ": source '" + task.name + "' has " +
                    (finite ? std::to_string(task.targets.size()) + " labels; at least " +
                                  std::to_string(kLeastSource) + " are needed"
                            : "a label that is not finite"));
  }

  static std::vector<PathFeatures> features_of(std::span<const Subject> subjects) {
    std::vector<PathFeatures> features;
    features.reserve(subjects.size());
    for (const Subject& subject : subjects) features.push_back(path_features(subject));
    return features;
  }

  /// Blocks of LabelProcess, not yet scaled.
  BlockRows blocks_of(std::span<const Subject> subjects,
                      std::span<const PathFeatures> networks) const {
    BlockRows rows{subjects.size(), std::vector<std::vector<double>>(LabelProcess::kBlocks)};
    if (zero_shot_.fitted()) rows.blocks[LabelProcess::kScore] = zero_shot_.score(networks);
    for (std::size_t i = 0; i < networks.size(); ++i) {
      std::vector<double>& features = rows.blocks[LabelProcess::kFeatures];
      features.insert(features.end(), networks[i].values.begin(), networks[i].values.end());
      features.push_back(pool_scale_.log_macs(networks[i]));
      if (subjects[i].architecture == nullptr) continue;
      const std::vector<double> choices = one_hot(*subjects[i].space, *subjects[i].architecture);
      std::vector<double>& all = rows.blocks[LabelProcess::kChoices];
      all.insert(all.end(), choices.begin(), choices.end());
    }
    return rows;
  }

  BlockRows encode(std::span<const Subject> subjects) const {
    check_space_name(kWho, subjects, space_);
    BlockRows rows = blocks_of(subjects, features_of(subjects));
    for (std::size_t block = 0; block < rows.blocks.size(); ++block) {
      if (rows.blocks[block].size() == rows.rows * scale_.mean[block].size()) continue;
      throw Error(ErrorKind::kUsage, std::string(kWho) + " was fitted for space '" + space_ +
                                         "' with other options, whose decisions differ; fit it "
                                         "for this one");
    }
    scale_.apply(rows);
    return rows;
  }

  std::vector<std::size_t> varying() const {
    std::vector<std::size_t> columns;
    for (std::size_t block = 0; block < LabelProcess::kBlocks; ++block) {
      columns.push_back(scale_.varying(block));
    }
    return columns;
  }

  void condition(BlockRows samples, std::span<const double> targets) {
    process_.emplace(varying());
    process_->condition(std::move(samples), targets);
  }

  ZeroShotOptions options_;
  std::string space_;
  std::vector<std::string> names_;  ///< of the sources
  ZeroShot zero_shot_{std::string(kWho)};
  SpaceScale pool_scale_;
  BlockScale scale_;
  std::optional<LabelProcess> process_;
};

PredictorState AcrossPlugin::save() const {
  NAS_CHECK(process_.has_value() || zero_shot_.fitted(), "fitted before it is saved");
  PredictorState state;
  const auto keep = [&state](const std::string& name, std::span<const double> values) {
    state.tensors.push_back(make_tensor(name, {static_cast<std::int64_t>(values.size())},
                                        {values.begin(), values.end()}));
  };
  std::string boosted;
  if (zero_shot_.fitted()) zero_shot_.save(state.tensors, boosted);
  keep("pool_scale", std::array{pool_scale_.mean, pool_scale_.deviation});
  for (std::size_t block = 0; block < LabelProcess::kBlocks; ++block) {
    const std::string number = std::to_string(block);
    keep("mean." + number, scale_.mean[block]);
    keep("factor." + number, scale_.factor[block]);
    if (process_) keep("samples." + number, process_->samples().blocks[block]);
  }
  if (process_) keep("targets", process_->targets());
  state.text = nlohmann::json{
      {"space", space_},
      {"sources", names_},
      {"labels", process_.has_value()},
      {"boosted",
       boosted}}.dump();
  return state;
}

void AcrossPlugin::restore(const PredictorState& state) {
  const nlohmann::json json = nlohmann::json::parse(state.text, nullptr, false);
  const auto damaged = [](const char* what) {
    throw Error(ErrorKind::kData, std::string(kWho) + ": its " + what);
  };
  std::string boosted;
  bool labels = false;
  try {
    space_ = json.at("space").get<std::string>();
    names_ = json.at("sources").get<std::vector<std::string>>();
    labels = json.at("labels").get<bool>();
    boosted = json.at("boosted").get<std::string>();
  } catch (const nlohmann::json::exception&) {
    damaged("description is damaged");
  }
  zero_shot_ = ZeroShot(std::string(kWho));
  if (!names_.empty()) zero_shot_.restore(state, boosted);
  const std::vector<double>& pool = state_tensor(state, "pool_scale").data;
  if (pool.size() != 2 || !(pool[1] > 0)) damaged("scale is damaged");
  pool_scale_ = {pool[0], pool[1]};
  scale_ = {};
  process_.reset();
  const std::vector<double> none;
  const std::vector<double>& targets = labels ? state_tensor(state, "targets").data : none;
  if (labels && (targets.size() < 2 || targets.size() > kMostSamples))
    damaged("labels are damaged");
  if (!labels && names_.empty()) damaged("description is damaged");
  BlockRows samples{targets.size(), {}};
  for (std::size_t block = 0; block < LabelProcess::kBlocks; ++block) {
    const std::string number = std::to_string(block);
    scale_.mean.push_back(state_tensor(state, "mean." + number).data);
    scale_.factor.push_back(state_tensor(state, "factor." + number).data);
    samples.blocks.push_back(labels ? state_tensor(state, "samples." + number).data : none);
    const std::size_t width = scale_.mean.back().size();
    if (scale_.factor.back().size() != width ||
        samples.blocks.back().size() != width * targets.size()) {
      damaged("tensors do not fit each other");
    }
  }
  if (labels) condition(std::move(samples), targets);
}

}  // namespace

extern const Plugin<Predictor> across_predictor;
constinit const Plugin<Predictor> across_predictor{
    .name = "across",
    .summary =
        "accuracy in a space that was never seen, from labels of other spaces and few or none of "
        "its own",
    .paper =
        "Recipe of this program (docs/reproduction.md, across): boosted trees, extra-trees and a "
        "pairwise perceptron on the live paths of the network, and its MACs",
    .fields = [] { return describe_fields<ZeroShotOptions>(kFields); },
    .resolve =
        [](const OptionMap& options) {
          return fields_to_map<ZeroShotOptions>(kFields, parse(options));
        },
    .make = [](const OptionMap& options) -> std::unique_ptr<Predictor> {
      return std::make_unique<AcrossPlugin>(parse(options));
    },
};

}  // namespace nas
