#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "app/benchmarks/table_rows.h"
#include "app/objectives/bound.h"
#include "app/objectives/front.h"
#include "app/objectives/nearest.h"
#include "core/api/benchmark.h"
#include "core/api/searcher.h"
#include "core/util/progress.h"

namespace nas {

/// How a searcher is run on a table instead of on trainings. Columns are wishes in the grammar of
/// `parse_column_query`; each must fit exactly one column.
struct SimulationConfig {
  std::vector<std::string> objectives;  ///< directions are the columns'; the first one decides
  /// "COLUMN < NUMBER": what misses one is an infeasible trial, and no answer.
  std::vector<std::string> constraints{};
  std::string cost;                 ///< simulated seconds of a query; "": none
  double evaluation_seconds = 0;    ///< added to every query: a validation pass
  double budget_seconds = 0;        ///< 0: no limit; tested after a query, which may overshoot
  std::int64_t budget_queries = 0;  ///< 0: no limit
  /// An architecture queried again costs nothing and does not count (a cache); published runs of
  /// random search, evolution and REINFORCE charge it again.
  bool free_repeats = false;
  /// Where the table lacks the epochs that a multi-fidelity searcher asks for, answer with the
  /// longest stored training that is not longer (else the shortest). No learning curve: say so.
  bool stored_epochs = false;
  std::vector<std::string> report;  ///< columns read of the answer alone
  /// "COLUMN >= NUMBER": the rows that a search met and for which it holds are counted, each once.
  std::string found{};
};

/// A new best.
struct Incumbent {
  std::int64_t query = 0;  ///< queries charged so far, this one included
  double seconds = 0;      ///< simulated, so far
  std::uint32_t row = 0;
  double value = 0;  ///< of the first objective, as the column has it
};

struct SimulatedRun {
  std::int64_t queries = 0;
  std::int64_t repeats = 0;     ///< of them (or beside them, when free): met before
  double seconds = 0;           ///< simulated
  std::int64_t failed = 0;      ///< no finite value of some objective or constraint
  std::int64_t infeasible = 0;  ///< misses a constraint
  std::int64_t absent = 0;      ///< architectures that the table lacks
  bool exhausted = false;       ///< the searcher had nothing more to propose
  std::vector<Incumbent> trajectory;
  std::optional<std::uint32_t> answer;  ///< row of the last incumbent
  /// With several objectives: the rows that no other one met beats, and the hypervolume whenever it
  /// grew (`TableFront`; empty where it is not defined).
  std::vector<std::uint32_t> front{};
  std::vector<Incumbent> hypervolume{};
  /// Of that row; NaN when there is none. Then the rows found, where they are counted.
  std::vector<double> report;
  /// Measured: searcher and table together, a query (charged or not).
  double wall_microseconds = 0;
};

/// Why no row of a table can be an answer.
struct UnmetConstraints {
  std::string why;                  ///< `nearest_text`
  std::vector<NearestRow> nearest;  ///< at most ten
};

/// A table prepared for simulated searches. Safe from several threads.
class Simulation {
 public:
  /// Throws Error(kUsage) for columns that are missing or ambiguous, no budget, or a budget of
  /// seconds without costs. `scores`: the table that searchers take their pool and its zero-cost
  /// scores from, joined by architecture; null: the benchmark itself. The arguments must outlive
  /// it.
  Simulation(const Benchmark& benchmark, const SearchSpace& space, SimulationConfig config,
             PredictorFactory predictors = {}, const Benchmark* scores = nullptr);

  /// One search; a function of its arguments alone (wall time aside). The answer is the
  /// architecture with the best objective met, over all epochs, as published. Throws Error(kUsage)
  /// when the table lacks the epochs asked for.
  SimulatedRun run(Searcher& searcher, std::string_view searcher_name, std::uint64_t seed) const;

  const SimulationConfig& config() const { return config_; }
  const BenchmarkColumn& objective() const { return benchmark_.columns()[objectives_[0]]; }
  const BenchmarkColumn& report_column(std::size_t i) const {
    return benchmark_.columns()[report_[i]];
  }
  /// Best finite values of the first objective and of the reported columns over all rows of the
  /// table that meet the constraints.
  double best_objective() const;
  double best_report(std::size_t i) const;
  bool counts_found() const { return found_.has_value(); }
  std::size_t table_found() const;  ///< rows of the table that would be counted as found
  /// nullopt where some row meets the constraints.
  std::optional<UnmetConstraints> unmet() const;
  /// The true front: of all rows that meet the constraints. Empty for one objective.
  std::span<const std::uint32_t> front_rows() const { return front_rows_; }
  double front_hypervolume() const { return front_ ? front_->hypervolume() : 0; }
  /// The values of all objectives of a row, as the columns have them (the end of a curve).
  std::vector<double> objective_values(std::size_t row) const;
  std::span<const std::size_t> objective_columns() const { return objectives_; }

 private:
  /// Where the values for some epochs stand.
  struct Level {
    struct Place {
      std::size_t column = 0;
      std::size_t offset = 0;  ///< within the row of a wide column
    };
    std::vector<Place> objectives;
    std::optional<std::size_t> cost;
    double cost_factor = 1;
  };
  Level level(std::int64_t epochs) const;
  std::optional<Level::Place> place(const BenchmarkColumn& column, std::int64_t epochs) const;
  std::int64_t stored_epochs(std::int64_t wanted) const;
  void set_cost(Level& level, std::int64_t epochs) const;
  double read(const Level::Place& place, std::size_t row) const;
  double best_of(std::size_t column) const;
  double last_value(std::size_t column, std::size_t row) const;
  void read_constraints();
  void find_front();
  /// How far the constraints are missed, summed; nullopt where a value is missing or failed.
  std::optional<double> violation(std::size_t row) const;
  bool feasible(std::size_t row) const { return violation(row) == 0.0; }

  struct RowConstraint {
    std::size_t column;
    Relation relation;
    double bound;
  };

  RowConstraint read_bound(const std::string& text, std::string_view what) const;
  bool is_found(std::size_t row) const;

  class Run;

  const Benchmark& benchmark_;
  const SearchSpace& space_;
  SimulationConfig config_;
  PredictorFactory predictors_;
  TableRows rows_;
  std::vector<std::size_t> objectives_, report_;
  std::vector<RowConstraint> constraints_;
  std::optional<RowConstraint> found_;
  std::optional<TableFront> front_;  ///< with several objectives
  std::vector<std::uint32_t> front_rows_;
  std::optional<std::size_t> cost_;
  std::optional<TableRows> score_rows_;  ///< of a table of scores alone
  std::unique_ptr<ScoreSource> scores_;
};

/// `runs` searches of seeds seed, seed + 1, ... on up to `threads` threads (0: one per processor);
/// by order of seed. Rethrows the first error by seed. Throws Error(kUsage) "interrupted".
struct SimulationBatch {
  std::int64_t runs = 500;  ///< searches
  std::uint64_t seed = 0;
  int threads = 0;
  ProgressSink* progress = nullptr;
  std::stop_token stop{};
};
std::vector<SimulatedRun> simulate(const Simulation& simulation, std::string_view searcher_name,
                                   const std::function<std::unique_ptr<Searcher>()>& make,
                                   const SimulationBatch& batch);

}  // namespace nas
