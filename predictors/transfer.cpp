#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>

#include "core/util/text.h"
#include "predictors/registry.h"
#include "predictors/state.h"
#include "predictors/transfer/kernels.h"
#include "predictors/transfer/measured_scale.h"
#include "predictors/transfer/source_model.h"
#include "predictors/transfer/transfer_base.h"

// A device that was never seen, from about ten measurements: what it learns from is in
// transfer/kernels.h, how in transfer/evidence_gp.h.

namespace nas {
namespace {

constexpr std::string_view kWho = "predictor 'transfer'";

struct TransferOptions {
  std::int64_t trees = 50;
  double stray = 0.02;
  bool live = false;
};

constexpr std::array kFields = {
    Field<TransferOptions>{"trees", &TransferOptions::trees,
                           "extra-trees in the model of each source device", "trees", 0, 1000},
    Field<TransferOptions>{
        "stray", &TransferOptions::stray,
        "prior odds that a given measurement is far off, from 15 measurements on", "", 0, 1},
    Field<TransferOptions>{"live", &TransferOptions::live,
                           "also tries the whole live encoding: depth, critical path, paths"},
};

TransferOptions parse(const OptionMap& options) {
  return parse_fields<TransferOptions>(kFields, options, kWho);
}

constexpr double kBias = 20;               // prior variance of the level, of standardised targets
constexpr std::size_t kStraySamples = 15;  // from which on a stray one shows
constexpr std::size_t kMostStray = 60;     // up to these it is affordable
constexpr std::size_t kMostSamples = 1000;
constexpr std::size_t kLeastSource = 10;
constexpr std::size_t kPoolSize = 500;  // sampled where nothing else says what is usual

class TransferPlugin final : public TransferBase {
 public:
  explicit TransferPlugin(TransferOptions options) : TransferBase(kWho), options_(options) {}

  void fit_alone(const SearchSpace& space, std::span<const Subject> subjects,
                 std::span<const double> targets, const FitContext& context) override {
    fit_to_pool(space, kPoolSize, subjects, targets, context);
  }

  void fit_tasks(std::span<const TransferTask> tasks, std::span<const Subject> pool,
                 const FitContext& context) override {
    if (pool.empty() && !tasks.empty()) pool = tasks.front().subjects;
    NAS_CHECK(!pool.empty(), "a pool, or tasks with subjects");
    process_.reset();
    sources_.clear();
    names_.clear();
    const SubjectBlocks blocks(pool.front());
    space_ = blocks.space_name();
    cells_ = blocks.has_cells();
    BlockRows rows = blocks.encode(pool);
    scale_ = BlockScale::of(rows);
    scale_.apply(rows);
    const Rng rng({.seed = context.seed, .purpose = Purpose::kPredictor});
    for (const TransferTask& task : tasks) {
      check_stop(kWho, context);
      check_source(kWho, task, kLeastSource);
      BlockRows own = blocks.encode(task.subjects);
      scale_.apply(own);
      const std::vector<double> inputs = source_inputs(own);
      names_.push_back(task.name);
      sources_.emplace_back().fit(inputs, inputs.size() / own.rows, task.targets,
                                  static_cast<std::size_t>(options_.trees),
                                  rng.stream(stable_hash(task.name)));
    }
    source_width_ = source_inputs(rows).size() / rows.rows;
    add_source_block(rows);
    const BlockScale whole = BlockScale::of(rows);
    scale_.mean.push_back(whole.mean.back());
    scale_.factor.push_back(whole.factor.back());
  }

  void adapt(std::span<const Subject> subjects, std::span<const double> targets) override {
    NAS_CHECK(subjects.size() == targets.size(), "one target for each subject");
    check_measurements(kWho, targets);
    if (targets.size() > kMostSamples) {
      throw Error(ErrorKind::kUsage, std::string(kWho) + " learns from at most " +
                                         std::to_string(kMostSamples) + " samples, got " +
                                         std::to_string(targets.size()) +
                                         "; give fewer (--train), or use xgboost");
    }
    condition(encode(subjects), targets);
  }

  std::vector<Forecast> forecast(std::span<const Subject> subjects) const override {
    if (subjects.empty()) return {};
    NAS_CHECK(process_.has_value(), "adapted before it predicts");
    std::vector<Forecast> result = process_->forecast(encode(subjects));
    for (Forecast& one : result) one.mean = floored(one.mean);
    return result;
  }

  LeaveOneOut leave_one_out() const override {
    NAS_CHECK(process_.has_value(), "adapted before it is judged");
    const std::span<const double> targets = process_->targets();
    check_leave_one_out(kWho, targets.size());
    std::vector<Forecast> forecasts = process_->leave_one_out();
    for (Forecast& one : forecasts) one.mean = floored(one.mean);
    return left_out(std::move(forecasts), targets);
  }

  std::vector<std::size_t> suggest(std::span<const Subject> candidates,
                                   std::span<const Subject> measured,
                                   std::size_t count) const override {
    if (candidates.empty()) return {};
    const BlockRows known = measured.empty() ? BlockRows{} : encode(measured);
    return most_uncertain(encode(candidates), known, transfer_parts(scale_),
                          transfer_design(setting()), kBias, count);
  }

  std::vector<std::string> findings() const override {
    NAS_CHECK(process_.has_value(), "adapted before it is asked");
    const std::vector<KernelVariant> variants = transfer_variants(setting());
    const std::vector<double> evidence = process_->evidence();
    std::map<std::string, double> by_name;
    double noise = 0, from_sources = 0;
    for (std::size_t i = 0; i < variants.size(); ++i) {
      by_name[variants[i].name] += evidence[i];
      noise += evidence[i] * std::log(variants[i].noise);
      from_sources += evidence[i] * variants[i].weights[transfer_part(kSources, false)];
    }
    std::vector<std::pair<double, std::string>> order;
    for (const auto& [name, part] : by_name) order.emplace_back(-part, name);
    std::sort(order.begin(), order.end());
    std::vector<std::string> lines;
    for (const auto& [part, name] : order) {
      if (-part >= 0.005) lines.push_back(percent(-part) + " of the evidence for " + name);
    }
    if (!sources_.empty()) {
      lines.push_back(percent(from_sources) + " of the covariance from " +
                      std::to_string(sources_.size()) + " source devices");
    }
    lines.push_back("noise " + percent(std::sqrt(std::exp(noise))) +
                    " of the measurements' deviation");
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

  /// What the model of a source device reads: everything but the live encoding; without a space
  /// that too.
  std::vector<double> source_inputs(const BlockRows& rows) const {
    std::vector<double> inputs;
    for (std::size_t row = 0; row < rows.rows; ++row) {
      for (std::size_t block = 0; block < SubjectBlocks::kBlocks; ++block) {
        if (block == SubjectBlocks::kLive && !space_.empty()) continue;
        const std::size_t width = rows.blocks[block].size() / rows.rows;
        const auto first = rows.blocks[block].begin() + static_cast<std::ptrdiff_t>(row * width);
        inputs.insert(inputs.end(), first, first + static_cast<std::ptrdiff_t>(width));
      }
    }
    return inputs;
  }

  void add_source_block(BlockRows& rows) const {
    std::vector<double>& block = rows.blocks.emplace_back();
    if (sources_.empty() || rows.rows == 0) return;
    const std::vector<double> inputs = source_inputs(rows);
    for (std::size_t row = 0; row < rows.rows; ++row) {
      const auto input = std::span(inputs).subspan(row * source_width_, source_width_);
      for (const SourceModel& source : sources_) block.push_back(source.predict(input));
    }
  }

  BlockRows encode(std::span<const Subject> subjects) const {
    const SubjectBlocks blocks(subjects.front());
    if (blocks.space_name() != space_) {
      throw Error(ErrorKind::kUsage, std::string(kWho) + " was fitted on space '" + space_ +
                                         "', not '" + blocks.space_name() + "'");
    }
    BlockRows rows = blocks.encode(subjects);
    for (std::size_t b = 0; b + 1 < scale_.mean.size() && b < rows.blocks.size(); ++b) {
      if (rows.blocks[b].size() == rows.rows * scale_.mean[b].size()) continue;
      throw Error(ErrorKind::kUsage, std::string(kWho) + " was fitted on space '" + space_ +
                                         "' with other options, whose decisions differ; fit it on "
                                         "this one");
    }
    // Sources read what the other blocks are once scaled, and are scaled themselves afterwards.
    BlockScale structure{{scale_.mean.begin(), scale_.mean.end() - 1},
                         {scale_.factor.begin(), scale_.factor.end() - 1}};
    structure.apply(rows);
    add_source_block(rows);
    for (std::size_t i = 0; i < rows.blocks.back().size(); ++i) {
      const std::size_t column = i % sources_.size();
      rows.blocks.back()[i] =
          (rows.blocks.back()[i] - scale_.mean.back()[column]) * scale_.factor.back()[column];
    }
    return rows;
  }

  TransferSetting setting() const { return {cells_, !sources_.empty(), options_.live}; }

  void condition(BlockRows samples, std::span<const double> targets) {
    const bool judge_stray = targets.size() >= kStraySamples && targets.size() <= kMostStray;
    process_.emplace(transfer_parts(scale_), transfer_variants(setting()),
                     EvidenceOptions{.bias = kBias, .stray = judge_stray ? options_.stray : 0});
    process_->condition(std::move(samples), targets);
    const double least = *std::min_element(targets.begin(), targets.end());
    floor_ = least > 0 ? least / 2 : 0;
  }

  /// What was measured is positive, so predictions are: below half of the smallest measurement they
  /// approach zero, in unchanged order.
  double floored(double value) const {
    return floor_ > 0 && value < floor_ ? floor_ / (2 - value / floor_) : value;
  }

  TransferOptions options_;
  std::string space_;
  bool cells_ = false;
  BlockScale scale_;  ///< of all blocks, the source predictions last
  std::size_t source_width_ = 0;
  std::vector<std::string> names_;  ///< of the sources
  std::vector<SourceModel> sources_;
  std::optional<EvidenceGp> process_;
  double floor_ = 0;
};

PredictorState TransferPlugin::save() const {
  NAS_CHECK(process_.has_value(), "adapted before it is saved");
  PredictorState state;
  const auto keep = [&state](const std::string& name, std::span<const double> values) {
    state.tensors.push_back(make_tensor(name, {static_cast<std::int64_t>(values.size())},
                                        {values.begin(), values.end()}));
  };
  for (std::size_t block = 0; block <= kSources; ++block) {
    const std::string number = std::to_string(block);
    keep("mean." + number, scale_.mean[block]);
    keep("factor." + number, scale_.factor[block]);
    keep("samples." + number, process_->samples().blocks[block]);
  }
  for (std::size_t i = 0; i < sources_.size(); ++i) {
    sources_[i].save("source." + std::to_string(i), state.tensors);
  }
  keep("targets", process_->targets());
  state.text = nlohmann::json{{"space", space_}, {"cells", cells_}, {"sources", names_}}.dump();
  return state;
}

void TransferPlugin::restore(const PredictorState& state) {
  const nlohmann::json json = nlohmann::json::parse(state.text, nullptr, false);
  const auto damaged = [](const char* what) {
    throw Error(ErrorKind::kData, std::string(kWho) + ": its " + what);
  };
  try {
    space_ = json.at("space").get<std::string>();
    cells_ = json.at("cells").get<bool>();
    names_ = json.at("sources").get<std::vector<std::string>>();
  } catch (const nlohmann::json::exception&) {
    damaged("description is damaged");
  }
  const std::vector<double>& targets = state_tensor(state, "targets").data;
  if (targets.size() < 2 || targets.size() > kMostSamples) damaged("measurements are damaged");
  BlockRows samples{targets.size(), {}};
  scale_ = {};
  source_width_ = 0;
  for (std::size_t block = 0; block <= kSources; ++block) {
    const std::string number = std::to_string(block);
    scale_.mean.push_back(state_tensor(state, "mean." + number).data);
    scale_.factor.push_back(state_tensor(state, "factor." + number).data);
    samples.blocks.push_back(state_tensor(state, "samples." + number).data);
    const std::size_t width = scale_.mean.back().size();
    if (scale_.factor.back().size() != width ||
        samples.blocks.back().size() != width * targets.size()) {
      damaged("tensors do not fit each other");
    }
    const bool read = block != SubjectBlocks::kLive || space_.empty();
    if (block < kSources && read) source_width_ += width;
  }
  if (scale_.mean.back().size() != names_.size()) damaged("source devices do not fit");
  sources_.assign(names_.size(), {});
  for (std::size_t i = 0; i < sources_.size(); ++i) {
    sources_[i].restore("source." + std::to_string(i), state, source_width_);
  }
  condition(std::move(samples), targets);
}

}  // namespace

extern const Plugin<Predictor> transfer_predictor;
constinit const Plugin<Predictor> transfer_predictor{
    .name = "transfer",
    .summary =
        "a new device from ten measurements: Gaussian processes over other devices and structure, "
        "weighted by evidence",
    .paper =
        "Recipe of this program (docs/reproduction.md, latency-transfer); trees: P. Geurts, D. "
        "Ernst, L. Wehenkel: Extremely Randomized Trees, Machine Learning 63, 2006",
    .fields = [] { return describe_fields<TransferOptions>(kFields); },
    .resolve =
        [](const OptionMap& options) {
          return fields_to_map<TransferOptions>(kFields, parse(options));
        },
    .make = [](const OptionMap& options) -> std::unique_ptr<Predictor> {
      return std::make_unique<TransferPlugin>(parse(options));
    },
};

}  // namespace nas
