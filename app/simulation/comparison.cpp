#include "app/simulation/comparison.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <utility>

#include "app/benchmarks/benchmark_join.h"
#include "app/objectives/bound.h"
#include "app/simulation/table_scores.h"
#include "core/api/column_names.h"
#include "core/util/error.h"
#include "core/util/text.h"
#include "predictors/registry.h"
#include "searchers/registry.h"

namespace nas {
namespace {

FrontPoint front_point(const Simulation& simulation, const Benchmark& benchmark,
                       std::uint32_t row) {
  return {row, simulation.objective_values(row), benchmark.text(row)};
}

/// Columns of the benchmark, some turned or joined to it.
class TableBuilder {
 public:
  TableBuilder(Session& session, const std::string& name)
      : session_(session), name_(name), join_(session, name) {}

  /// The key by which the table will have the column.
  std::string key(std::string_view name, std::optional<bool> maximize = std::nullopt) {
    const JoinedColumn& joined = join_.column(name);
    const bool turned = maximize && *maximize != joined.column.maximize;
    if (!joined.own || turned) {
      // A constraint or report on the column of an objective leaves the objective's direction.
      Added& added = added_[joined.key];
      added.joined = &joined;
      added.turned = added.turned || turned;
    }
    metrics_.insert(joined.column.metric);
    return joined.key;
  }

  SimulationTable build() const {
    std::shared_ptr<const Benchmark> own = open_with_curves();
    if (added_.empty()) return {std::move(own), ""};
    auto table = std::make_shared<Benchmark>(own->info());
    table->set_rows({own->texts().begin(), own->texts().end()});
    for (std::size_t i = 0; i < own->columns().size(); ++i) {
      BenchmarkColumn column = own->columns()[i];
      const auto added = added_.find(column_text(column));
      if (added != added_.end() && added->second.turned) column.maximize = !column.maximize;
      const bool loaded = column.width == 1 || is_curve(column);
      const std::span<const double> values = loaded ? own->values(i) : std::span<const double>();
      table->add_column(std::move(column), {values.begin(), values.end()});
    }
    for (const auto& [key, added] : added_) {
      if (added.joined->own) continue;
      BenchmarkColumn column = added.joined->column;
      column.metric = added.joined->benchmark + "/" + column.metric;
      if (added.turned) column.maximize = !column.maximize;
      const std::span<const double> values = added.joined->values;
      table->add_column(std::move(column), {values.begin(), values.end()});
    }
    return {std::move(table), join_.sources()};
  }

 private:
  struct Added {
    const JoinedColumn* joined = nullptr;
    bool turned = false;
  };

  bool is_curve(const BenchmarkColumn& column) const {
    constexpr std::string_view kCurve = "_curve";
    const std::string& metric = column.metric;
    return column.width > 1 &&
           (metrics_.contains(metric) ||
            (metric.ends_with(kCurve) &&
             metrics_.contains(metric.substr(0, metric.size() - kCurve.size()))));
  }

  std::shared_ptr<const Benchmark> open_with_curves() const {
    std::vector<std::string> wide;
    for (const BenchmarkColumn& column : join_.own().columns()) {
      if (is_curve(column)) wide.push_back(column_text(column));
    }
    return wide.empty() ? session_.benchmark(name_) : session_.reader().open_benchmark(name_, wide);
  }

  Session& session_;
  std::string name_;
  BenchmarkJoin join_;
  std::map<std::string, Added> added_;
  std::set<std::string> metrics_;  ///< of all columns that were asked for
};

/// What is known of the table's own front before a search. `names`: short, by column.
void add_front(const Simulation& simulation, const Benchmark& benchmark,
               std::span<const std::string> names, Comparison& comparison) {
  if (simulation.objective_columns().size() < 2) return;
  for (const std::size_t column : simulation.objective_columns()) {
    comparison.objectives.push_back(column_text(benchmark.columns()[column]));
    comparison.objective_names.push_back(names[column]);
  }
  for (const std::uint32_t row : simulation.front_rows()) {
    comparison.front.push_back(front_point(simulation, benchmark, row));
  }
  const double best = simulation.front_hypervolume();
  if (!std::isfinite(best)) return;
  comparison.quantities.push_back({"hypervolume", true, best, "", true, "hypervolume"});
}

/// The benchmark with the vectors of its architectures, which searchers may look at.
std::shared_ptr<const Benchmark> with_vectors(Session& session, const std::string& name) {
  std::shared_ptr<const Benchmark> narrow = session.benchmark(name);
  std::vector<std::string> vectors;
  for (const BenchmarkColumn& column : narrow->columns()) {
    if (is_score_vector(column)) vectors.push_back(column_text(column));
  }
  return vectors.empty() ? narrow : session.reader().open_benchmark(name, vectors);
}

}  // namespace

SimulationTable open_for_simulation(Session& session, const std::string& name,
                                    SimulationConfig& config) {
  TableBuilder builder(session, name);
  for (std::string& text : config.objectives) {
    const auto [column, maximize] = parse_direction(text);
    text = builder.key(column, maximize);
  }
  for (std::string& text : config.report) text = builder.key(text);
  if (!config.cost.empty()) config.cost = builder.key(config.cost);
  const auto with_key = [&builder](const std::string& text, std::string_view what) {
    const Bound bound = parse_bound(text, what);
    return builder.key(bound.name) + " " + std::string(relation_text(bound.relation)) + " " +
           format_double(bound.value) + bound.unit;
  };
  for (std::string& text : config.constraints) text = with_key(text, "constraint");
  if (!config.found.empty()) config.found = with_key(config.found, "found");
  return builder.build();
}

Comparison compare_searchers(Session& session, const Benchmark& benchmark,
                             const ComparisonConfig& config) {
  if (config.searchers.empty()) throw Error(ErrorKind::kUsage, "no searcher to simulate");
  const std::string& space_name = benchmark.info().space;
  if (space_name.empty()) {
    throw Error(ErrorKind::kUsage,
                "benchmark '" + benchmark.info().name +
                    "' belongs to no known search space, so nothing can search it");
  }
  const SearchSpace& space = session.space({space_name, {}});
  // Columns that were joined to the benchmark are not scores of its own.
  const auto scores =
      with_vectors(session, config.scores.empty() ? benchmark.info().name : config.scores);
  const Simulation simulation(benchmark, space, config.simulation, make_predictor, scores.get());

  Comparison comparison;
  comparison.benchmark = benchmark.info().name;
  comparison.by_seconds = config.simulation.budget_seconds > 0;
  comparison.budget = comparison.by_seconds ? config.simulation.budget_seconds
                                            : static_cast<double>(config.simulation.budget_queries);
  comparison.against_best = config.against_best;
  comparison.stored_epochs = config.simulation.stored_epochs;
  comparison.constraints = config.simulation.constraints;
  comparison.unmet = simulation.unmet();
  if (comparison.unmet) {
    for (const NearestRow& row : comparison.unmet->nearest) {
      comparison.nearest.push_back(benchmark.text(row.row));
    }
    return comparison;
  }
  const std::vector<std::string> names = short_column_names(benchmark.columns());
  const auto add = [&](const BenchmarkColumn& column, double best) {
    const std::string key = column_text(column);
    std::string name = key;
    for (std::size_t i = 0; i < names.size(); ++i) {
      if (column_text(benchmark.columns()[i]) == key) name = names[i];
    }
    comparison.quantities.push_back({key, column.maximize, best, column.unit, false, name});
  };
  add(simulation.objective(), simulation.best_objective());
  for (std::size_t i = 0; i < config.simulation.report.size(); ++i) {
    add(simulation.report_column(i), simulation.best_report(i));
  }
  if (simulation.counts_found()) {
    auto most = static_cast<double>(simulation.table_found());
    if (!comparison.by_seconds) most = std::min(most, comparison.budget);
    comparison.quantities.push_back(
        {"found: " + config.simulation.found, true, most, "", false, "found"});
  }
  add_front(simulation, benchmark, names, comparison);
  for (const PluginChoice& choice : config.searchers) session.searcher(choice);  // names first
  for (const PluginChoice& choice : config.searchers) {
    const auto make = [&] { return session.searcher(choice); };
    ComparedSearcher& searcher = comparison.searchers.emplace_back();
    searcher.label = to_string(choice);
    searcher.runs = simulate(simulation, choice.name, make, config.batch);
    for (const SimulatedRun& run : searcher.runs) {
      searcher.answers.push_back(run.answer ? benchmark.text(*run.answer) : "");
      std::vector<FrontPoint>& front = searcher.fronts.emplace_back();
      for (const std::uint32_t row : run.front) {
        front.push_back(front_point(simulation, benchmark, row));
      }
    }
  }
  return comparison;
}

std::size_t answered_runs(const ComparedSearcher& searcher) {
  const auto count =
      std::count_if(searcher.runs.begin(), searcher.runs.end(), [](const SimulatedRun& run) {
        return run.answer && std::isfinite(run.trajectory.back().value);
      });
  return static_cast<std::size_t>(count);
}

std::vector<PluginChoice> parse_searchers(std::string_view text) {
  std::vector<PluginChoice> choices = parse_plugin_choices(text);
  std::set<std::string> seen;
  for (const PluginChoice& choice : choices) {
    if (seen.insert(to_string(choice)).second) continue;
    throw Error(ErrorKind::kUsage,
                "searcher '" + printable(to_string(choice)) + "' is named twice");
  }
  return choices;
}

}  // namespace nas
