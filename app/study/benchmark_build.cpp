#include "app/study/benchmark_build.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "app/benchmarks/benchmarks.h"
#include "app/session/data_spec.h"
#include "app/session/space_text.h"
#include "app/study/study_data.h"
#include "core/api/benchmark.h"
#include "core/ir/cost.h"
#include "core/util/error.h"
#include "core/util/text.h"

namespace nas {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

std::string source_text(const StudyData& study) {
  const Environment& where = study.row.spec.environment;
  return "built by Searchlight " + where.version + ", study " + study.row.spec.name + ", " +
         where.libraries + ", " + where.cpu;
}

/// "cifar10:/data/x" -> "cifar10": where it lies does not belong to what it is.
std::string dataset_name(const std::string& spec) {
  return spec.substr(0, spec.find(':'));
}

/// A row is a finished trial; trials of equal digest share one training.
struct BuiltRow {
  const TrialRow* trial = nullptr;
  /// The trial of this study that was trained; null when it failed, or equals one of another study.
  const TrialRow* trained = nullptr;
};

/// In published order where the space has one, else as they were proposed.
void order_rows(std::vector<BuiltRow>& rows, const SearchSpace& space) {
  const auto* indexed = dynamic_cast<const IndexedSpace*>(&space);
  if (indexed == nullptr) return;
  std::vector<std::pair<std::uint64_t, BuiltRow>> keyed;
  for (const BuiltRow& row : rows) {
    keyed.emplace_back(indexed->index_of(space.parse(row.trial->text)), row);
  }
  std::sort(keyed.begin(), keyed.end(),
            [](const auto& a, const auto& b) { return a.first < b.first; });
  for (std::size_t i = 0; i < rows.size(); ++i) rows[i] = keyed[i].second;
}

std::vector<BuiltRow> built_rows(const StudyData& study, const SearchSpace& space) {
  std::map<Digest, const TrialRow*> trained;
  for (const TrialRow& trial : study.trials) {
    if (trial.state == TrialState::kComplete && trial.reused_from.empty()) {
      trained.emplace(trial.digest, &trial);
    }
  }
  std::vector<BuiltRow> rows;
  std::set<std::string> texts;
  for (const TrialRow& trial : study.trials) {
    if (trial.state == TrialState::kRunning || !texts.insert(trial.text).second) continue;
    const auto found = trained.find(trial.digest);
    const bool complete = trial.state == TrialState::kComplete;
    rows.push_back({&trial, complete && found != trained.end() ? found->second : nullptr});
  }
  order_rows(rows, space);
  return rows;
}

/// Of each row the value of one metric; failed trainings are the worst.
double value_of(const BuiltRow& row, const MetricInfo& wanted) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  if (row.trial->state != TrialState::kComplete) return wanted.maximize ? -kInfinity : kInfinity;
  for (const MetricValue& metric : row.trial->metrics) {
    if (metric.name == wanted.name) return metric.value;
  }
  return kNan;
}

/// Curves by name, row-major rows x epochs.
std::map<std::string, std::vector<double>> built_curves(const Store& store,
                                                        const std::vector<BuiltRow>& rows,
                                                        std::int64_t epochs) {
  std::map<std::string, std::vector<double>> curves;
  if (epochs < 2) return curves;  // one point is not a curve
  const auto width = static_cast<std::size_t>(epochs);
  for (std::size_t row = 0; row < rows.size(); ++row) {
    if (rows[row].trained == nullptr) continue;
    for (const CurvePoint& point : store.curve(rows[row].trained->id)) {
      // The learning rate follows from the recipe.
      const bool known = point.epoch >= 1 && point.epoch <= epochs;
      if (!known || point.name == "learning_rate") continue;
      std::vector<double>& values = curves[point.name];
      if (values.empty()) values.assign(rows.size() * width, kNan);
      values[row * width + static_cast<std::size_t>(point.epoch - 1)] = point.value;
    }
  }
  return curves;
}

/// Parameters and MACs of the network that was trained.
void add_costs(Benchmark& benchmark, const SearchSpace& space, const std::string& network,
               const std::string& origin) {
  const Task task = network.empty() ? space.info().default_task : parse_task_text(network);
  std::vector<double> params, macs;
  for (const std::string& text : benchmark.texts()) {
    const GraphCost cost = graph_cost(space.build(space.parse(text), task));
    params.push_back(static_cast<double>(cost.params));
    macs.push_back(static_cast<double>(published_macs(space.info(), cost)));
  }
  BenchmarkColumn column{.metric = "params",
                         .maximize = false,
                         .source = MetricSource::kComputed,
                         .origin = origin,
                         .network = network_text(space, task)};
  benchmark.add_column(column, std::move(params));
  column.metric = "macs";
  benchmark.add_column(column, std::move(macs));
}

Benchmark make_benchmark(Session& session, const BenchmarkBuild& build, const StudyData& study,
                         const std::vector<BuiltRow>& rows) {
  const SearchSpace& space = session.space(study.config.space);
  const Recipe recipe = make_recipe(study.config.recipe);
  const MetricInfo& metric = first_metric(data_spec(session, study.config.data));
  const std::string version = "Searchlight " + study.row.spec.environment.version;
  Benchmark benchmark({.name = build.name,
                       .space = space_text(study.config.space),
                       .space_version = space.info().version,
                       .source = source_text(study)});
  std::vector<std::string> texts;
  std::vector<double> qualities, seconds;
  std::string fidelity, network;
  for (const BuiltRow& row : rows) {
    texts.push_back(row.trial->text);
    qualities.push_back(value_of(row, metric));
    seconds.push_back(row.trained == nullptr ? kNan : row.trained->seconds);
    for (const MetricValue& value : row.trial->metrics) {
      if (value.name != metric.name || !fidelity.empty()) continue;
      fidelity = value.fidelity;
      network = value.network;
    }
  }
  benchmark.set_rows(std::move(texts));
  BenchmarkColumn column{.metric = std::string(metric.name),
                         .dataset = dataset_name(study.config.data),
                         .split = "valid",
                         .epochs = recipe.epochs,
                         .statistic = "seed=" + std::to_string(recipe.seed),
                         .unit = std::string(metric.unit),
                         .maximize = metric.maximize,
                         .source = MetricSource::kMeasured,
                         .origin = version + "; " + fidelity,
                         .network = network};
  benchmark.add_column(column, std::move(qualities));
  for (auto& [name, values] : built_curves(session.reader(), rows, recipe.epochs)) {
    BenchmarkColumn curve = column;
    curve.metric = name + "_curve";
    const bool training = name.starts_with(kTrainPrefix);
    const MetricInfo* info =
        find_in_catalogue(std::string_view(name).substr(training ? kTrainPrefix.size() : 0));
    curve.split = training ? "train" : "valid";
    curve.unit = info == nullptr ? "" : std::string(info->unit);
    curve.maximize = info != nullptr && info->maximize;
    curve.width = recipe.epochs;
    benchmark.add_column(curve, std::move(values));
  }
  column.metric = "training_seconds";
  column.split = "";
  column.unit = "s";
  column.maximize = false;
  benchmark.add_column(column, std::move(seconds));
  add_costs(benchmark, space, network, version);
  return benchmark;
}

/// An imported benchmark must not vanish under a built one.
void refuse_other(Session& session, const BenchmarkBuild& build, const std::string& study) {
  for (const BenchmarkRow& row : session.writer().benchmarks()) {
    if (row.info.name != build.name) continue;
    if (row.info.source.find("study " + study + ",") != std::string::npos) continue;
    throw Error(ErrorKind::kUsage, "benchmark '" + printable(build.name) +
                                       "' is in the database already, from " +
                                       printable(row.info.source) + "; choose another name");
  }
}

}  // namespace

StudyConfig build_config(const BenchmarkBuild& build) {
  StudyConfig config;
  config.name = "benchmark-" + build.name;
  config.space = build.space;
  config.data = build.data;
  config.recipe = build.recipe;
  config.train_winner = false;
  config.budget_trials = build.count;
  config.workers = build.workers;
  config.seed = build.seed;
  if (build.first) {
    const std::string last = std::to_string(*build.first + build.count - 1);
    config.searcher.options["indices"] = std::to_string(*build.first) + ".." + last;
  }
  return config;
}

BuildReport build_benchmark(Session& session, const BenchmarkBuild& build) {
  const StudyConfig config = build_config(build);
  refuse_other(session, build, config.name);
  BuildReport report;
  report.study = run_study(session, config);
  report.complete = report.study.state == StudyState::kFinished;
  const StudyData study = load_study(session.reader(), config.name);
  const std::vector<BuiltRow> rows = built_rows(study, session.space(config.space));
  if (rows.empty()) return report;
  std::set<const TrialRow*> trained;
  for (const BuiltRow& row : rows) {
    if (row.trained != nullptr) trained.insert(row.trained);
  }
  report.rows = static_cast<std::int64_t>(rows.size());
  report.trained = static_cast<std::int64_t>(trained.size());
  Benchmark benchmark = make_benchmark(session, build, study, rows);
  keep_computed(session, benchmark);
  session.writer().put_benchmark(benchmark);
  session.forget_benchmark(build.name);
  return report;
}

}  // namespace nas
