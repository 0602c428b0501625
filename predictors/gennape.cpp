#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <optional>

#include "core/util/text.h"
#include "predictors/across/quantile_map.h"
#include "predictors/gennape/ensemble.h"
#include "predictors/gennape/options.h"
#include "predictors/registry.h"
#include "predictors/state.h"
#include "predictors/transfer/measured_fit.h"
#include "predictors/transfer/transfer_base.h"

// GENNAPE: accuracy in a space that was never seen, from computation graphs of labelled networks of
// other spaces, and fine-tuned on few labels of its own. The members and their votes are in
// gennape/ensemble.h.

namespace nas {
namespace {

constexpr std::string_view kWho = "predictor 'gennape'";
constexpr std::size_t kLeastSource = 50;

std::vector<CompGraph> graphs_of(std::span<const Subject> subjects) {
  std::vector<CompGraph> graphs;
  graphs.reserve(subjects.size());
  for (const Subject& subject : subjects) {
    graphs.push_back(comp_graph_of(
        subject.graph != nullptr
            ? *subject.graph
            : subject.space->build(*subject.architecture, subject.space->info().default_task)));
  }
  return graphs;
}

template <class T>
std::vector<T> pick(const std::vector<T>& values, std::span<const std::size_t> rows) {
  std::vector<T> picked;
  for (const std::size_t row : rows) picked.push_back(values[row]);
  return picked;
}

class GennapePlugin final : public TransferBase {
 public:
  explicit GennapePlugin(GennapeOptions options)
      : TransferBase(kWho), options_(std::move(options)), base_(options_) {}

  /// Without other spaces the samples are what it learns from, and what its votes are weighed by.
  void fit_alone(const SearchSpace& space, std::span<const Subject> subjects,
                 std::span<const double> targets, const FitContext& context) override {
    begin(space.info().name, {}, context.seed);
    GennapeSource source{graphs_of(subjects), {targets.begin(), targets.end()}};
    fit_base(std::span(&source, 1), context);
    base_.settle(source.graphs);
    tuned_ = base_;
    tuned_->weigh(source.graphs, targets);
    fit_ = {.targets = source.targets};
    fit_.scale = MeasuredScale::of(tuned_->score(source.graphs), targets);
  }

  void fit_tasks(std::span<const TransferTask> tasks, std::span<const Subject> pool,
                 const FitContext& context) override {
    if (tasks.empty()) {
      throw Error(ErrorKind::kData, std::string(kWho) +
                                        " learns from labels of other spaces, of which none is "
                                        "given (--across); or use 'across'");
    }
    if (pool.empty()) return fit_tasks(tasks, tasks.front().subjects, context);
    std::vector<std::string> names;
    for (const TransferTask& task : tasks) {
      check_source(kWho, task, kLeastSource);
      names.push_back(task.name);
    }
    begin(space_name(pool.front()), std::move(names), context.seed);
    std::vector<GennapeSource> sources;
    for (const TransferTask& task : tasks) sources.push_back(drawn(task, context));
    fit_base(sources, context);
    check_stop(kWho, context);
    std::vector<CompGraph> graphs = graphs_of(pool);
    base_.settle(graphs);
    as_target_.set_places(base_.score(graphs));
    std::vector<std::vector<double>> targets;
    for (const GennapeSource& source : sources) targets.push_back(source.targets);
    as_target_.set_levels(targets);
  }

  void adapt(std::span<const Subject> subjects, std::span<const double> targets) override {
    NAS_CHECK(base_.fitted() && subjects.size() == targets.size(), "fitted; a target each");
    check_measurements(kWho, targets);
    check_of_space(subjects);
    const std::vector<CompGraph> graphs = graphs_of(subjects);
    const std::vector<double> values(targets.begin(), targets.end());
    const auto predict = [&](std::span<const std::size_t> kept, std::span<const std::size_t> left) {
      const std::vector<CompGraph> others = pick(graphs, kept);
      const std::vector<double> known = pick(values, kept);
      const Gennape model = tune(others, known);
      const MeasuredScale scale = MeasuredScale::of(model.score(others), known);
      std::vector<double> predicted;
      for (const double score : model.score(pick(graphs, left))) {
        predicted.push_back(scale.out(score));
      }
      return predicted;
    };
    fit_.leave_out(values, rng(kPartsStream), predict);
    tuned_ = tune(graphs, values);
    fit_.scale = MeasuredScale::of(tuned_->score(graphs), targets);
  }

  std::vector<Forecast> forecast(std::span<const Subject> subjects) const override {
    NAS_CHECK(base_.fitted() || tuned_, "fitted before it predicts");
    if (subjects.empty()) return {};
    check_of_space(subjects);
    const Gennape& model = tuned_ ? *tuned_ : base_;
    std::vector<Forecast> result;
    for (std::size_t first = 0; first < subjects.size(); first += kChunk) {
      const auto chunk = subjects.subspan(first, std::min(kChunk, subjects.size() - first));
      for (const double score : model.score(graphs_of(chunk))) {
        result.push_back(tuned_ ? fit_.forecast(score) : Forecast{as_target_(score)});
      }
    }
    return result;
  }

  LeaveOneOut leave_one_out() const override { return fit_.leave_one_out(kWho); }

  std::vector<std::size_t> suggest(std::span<const Subject> candidates,
                                   std::span<const Subject> measured,
                                   std::size_t count) const override;

  std::vector<std::string> findings() const override {
    NAS_CHECK(tuned_.has_value(), "adapted before it is asked");
    std::vector<std::string> lines;
    for (std::size_t m = 0; m < tuned_->members(); ++m) {
      char weight[32];
      std::snprintf(weight, sizeof weight, "%.0f %%", 100 * tuned_->weight(m));
      lines.push_back(std::string(weight) + " of the vote for " + std::string(tuned_->name(m)));
    }
    return lines;
  }

  PredictorState save() const override;
  void restore(const PredictorState& state) override;

 private:
  static constexpr std::uint64_t kFitStream = 1, kDrawStream = 2, kTuneStream = 3, kPartsStream = 4;
  static constexpr std::size_t kChunk = 1024;  // graphs that are kept at a time

  Rng rng(std::uint64_t stream) const {
    return Rng({.seed = seed_, .purpose = Purpose::kPredictor}).stream(stream);
  }

  void begin(std::string space, std::vector<std::string> names, std::uint64_t seed) {
    seed_ = seed;
    space_ = std::move(space);
    names_ = std::move(names);
    base_ = Gennape(options_);
    tuned_.reset();
    fit_ = {};
  }

  void fit_base(std::span<const GennapeSource> sources, const FitContext& context) {
    base_.fit(sources, rng(kFitStream), context, [&context] { check_stop(kWho, context); });
  }

  /// Networks of a source that are learned from.
  GennapeSource drawn(const TransferTask& task, const FitContext& context) const {
    check_stop(kWho, context);
    TransferTask good{task.name, {}, {}};
    for (std::size_t row = 0; row < task.targets.size(); ++row) {
      if (task.targets[row] < options_.least_label) continue;
      good.subjects.push_back(task.subjects[row]);
      good.targets.push_back(task.targets[row]);
    }
    if (good.targets.size() < kLeastSource) {
      throw Error(ErrorKind::kData,
                  std::string(kWho) + ": source '" + task.name + "' has " +
                      std::to_string(good.targets.size()) + " labels of at least " +
                      format_double(options_.least_label) + " and " + std::to_string(kLeastSource) +
                      " are needed; set least_label lower");
    }
    Rng draw = rng(kDrawStream);
    const TransferTask part =
        drawn_part(good, static_cast<std::size_t>(options_.source_graphs), draw);
    return {graphs_of(part.subjects), part.targets};
  }

  /// Networks of no space are judged as if they were of the new one.
  void check_of_space(std::span<const Subject> subjects) const {
    for (const Subject& subject : subjects) {
      if (subject.space != nullptr) check_space_name(kWho, std::span(&subject, 1), space_);
    }
  }

  Gennape tune(std::span<const CompGraph> graphs, std::span<const double> targets) const {
    return base_.tuned(graphs, targets, rng(kTuneStream), [] {});
  }

  GennapeOptions options_;
  std::uint64_t seed_ = 0;
  std::string space_;
  std::vector<std::string> names_;  ///< of the sources; none: the samples are all there is
  Gennape base_;                    ///< from the sources
  QuantileMap as_target_;           ///< of its scores
  // With labels of the space:
  std::optional<Gennape> tuned_;
  MeasuredFit fit_;
};

/// Each time the candidate whose nearest neighbour among the measured and the chosen is farthest,
/// by embeddings; by what they cost, where no member has embeddings.
std::vector<std::size_t> GennapePlugin::suggest(std::span<const Subject> candidates,
                                                std::span<const Subject> measured,
                                                std::size_t count) const {
  NAS_CHECK(base_.fitted(), "fitted before it is asked");
  if (candidates.empty()) return {};
  check_of_space(candidates);
  return base_.most_different(graphs_of(candidates), graphs_of(measured), count);
}

PredictorState GennapePlugin::save() const {
  NAS_CHECK(base_.fitted() || tuned_, "fitted before it is saved");
  PredictorState state;
  const auto keep = [&state](const char* name, const std::vector<double>& values) {
    state.tensors.push_back(make_tensor(name, {std::ssize(values)}, values));
  };
  (tuned_ ? *tuned_ : base_).save(state.tensors);
  if (tuned_) {
    fit_.save(state.tensors);
  } else {
    keep("places", as_target_.places());
    keep("levels", as_target_.levels());
  }
  state.text = nlohmann::json{
      {"space", space_},
      {"sources", names_},
      {"labels", tuned_.has_value()},
      {"seed",
       seed_}}.dump();
  return state;
}

void GennapePlugin::restore(const PredictorState& state) {
  const nlohmann::json json = nlohmann::json::parse(state.text, nullptr, false);
  const auto damaged = [](const char* what) {
    throw Error(ErrorKind::kData, std::string(kWho) + ": its " + what);
  };
  bool labels = false;
  try {
    begin(json.at("space").get<std::string>(), json.at("sources").get<std::vector<std::string>>(),
          json.at("seed").get<std::uint64_t>());
    labels = json.at("labels").get<bool>();
  } catch (const nlohmann::json::exception&) {
    damaged("description is damaged");
  }
  base_.restore(state);
  if (!labels) {
    if (!as_target_.restore(state_tensor(state, "places").data,
                            state_tensor(state, "levels").data)) {
      damaged("quantiles are damaged");
    }
    return;
  }
  tuned_ = base_;
  if (!fit_.restore(state, names_.empty())) damaged("tensors do not fit each other");
}

}  // namespace

extern const Plugin<Predictor> gennape_predictor;
constinit const Plugin<Predictor> gennape_predictor{
    .name = "gennape",
    .summary =
        "accuracy in a space that was never seen, or of which few labels are known: votes of "
        "graph networks on computation graphs",
    .paper =
        "K. Mills et al.: GENNAPE: Towards Generalized Neural Architecture Performance "
        "Estimators, AAAI 2023, arXiv:2211.17226",
    .fields = [] { return gennape_fields(); },
    .resolve = [](const OptionMap& options) { return gennape_options(parse_gennape(options)); },
    .make = [](const OptionMap& options) -> std::unique_ptr<Predictor> {
      return std::make_unique<GennapePlugin>(parse_gennape(options));
    },
};

}  // namespace nas
