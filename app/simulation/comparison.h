#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app/presentation/plot.h"
#include "app/presentation/table.h"
#include "app/session/session.h"
#include "app/simulation/simulation.h"

namespace nas {

struct ComparisonConfig {
  std::vector<PluginChoice> searchers;
  std::string scores;  ///< benchmark of the zero-cost scores and the pool; "": the same
  SimulationConfig simulation;
  SimulationBatch batch;
  /// Whom the tests compare with: the searcher of the best mean, else the first one.
  bool against_best = false;
};

/// What a run is judged by: the objective, or a reported column of its answer.
struct ComparedQuantity {
  std::string column;  ///< long key
  bool maximize = true;
  double best = 0;           ///< of the whole table
  std::string unit{};        ///< "%", "s"; "" when there is none
  bool hypervolume = false;  ///< of the front that a run met, with several objectives
  std::string name{};        ///< short, for people
};

/// An architecture of a front.
struct FrontPoint {
  std::uint32_t row = 0;
  std::vector<double> values;  ///< of the objectives
  std::string architecture;
};

struct ComparedSearcher {
  std::string label;  ///< "evolution:mutation=node,repeats=true"
  std::vector<SimulatedRun> runs;
  std::vector<std::string> answers;               ///< architecture by run; "" when there is none
  std::vector<std::vector<FrontPoint>> fronts{};  ///< by run, with several objectives
};

struct Comparison {
  std::string benchmark;
  bool by_seconds = false;  ///< the budget that the curves run along
  double budget = 0;
  bool against_best = false;
  bool stored_epochs = false;
  std::vector<ComparedQuantity> quantities;  ///< the first objective first, the hypervolume last
  /// Columns, when there are several, and their short names.
  std::vector<std::string> objectives{}, objective_names{};
  std::vector<std::string> constraints{};
  std::vector<FrontPoint> front{};  ///< of the table, with several objectives
  std::vector<ComparedSearcher> searchers;
  /// Where no row meets the constraints: then nothing was simulated, and there are no searchers.
  std::optional<UnmetConstraints> unmet{};
  std::vector<std::string> nearest{};  ///< architectures of its rows
};

/// The benchmark with what a simulation may need: learning curves, and the columns of other
/// benchmarks of its space, called "BENCHMARK/METRIC:...".
struct SimulationTable {
  std::shared_ptr<const Benchmark> benchmark;
  std::string sources;  ///< as `BenchmarkJoin::sources`
};
/// Looks the columns of `config` up, and writes their long keys into it. "minimize COLUMN" and
/// "maximize COLUMN" turn an objective.
SimulationTable open_for_simulation(Session& session, const std::string& name,
                                    SimulationConfig& config);

/// Equal seeds for all searchers. Throws Error(kUsage) as `Simulation` and the searchers do.
Comparison compare_searchers(Session& session, const Benchmark& benchmark,
                             const ComparisonConfig& config);

/// Runs that found an answer of a finite value: those that the means are of.
std::size_t answered_runs(const ComparedSearcher& searcher);

/// "a,b:x=1,y=2,c" -> a; b with x = 1 and y = 2; c. Throws Error(kUsage).
std::vector<PluginChoice> parse_searchers(std::string_view text);

/// A row for each quantity and searcher: mean, deviation, median, quartiles, regret of the mean to
/// the table's best, queries, and Wilcoxon's signed-rank test over the seeds with Holm's
/// correction. Runs without an answer are left out and counted.
Table comparison_table(const Comparison& comparison);
/// A row for each run.
Table comparison_runs_table(const Comparison& comparison);
/// Quantiles over the runs of the best objective so far, at `points` equal steps of the budget.
Table anytime_table(const Comparison& comparison, int points = 100);
/// The same as curves of the regret to the table's best: medians with a band of the quartiles.
Plot anytime_plot(const Comparison& comparison, int points = 100);

/// With several objectives: the true front of the table, and the front that each run met.
Table fronts_table(const Comparison& comparison);

/// comparison.csv, comparison.json, fronts.csv (several objectives), runs.csv, curves.csv,
/// anytime.svg. Returns the paths.
std::vector<std::filesystem::path> write_comparison(const Comparison& comparison,
                                                    const std::filesystem::path& directory);

}  // namespace nas
