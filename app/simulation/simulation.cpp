#include "app/simulation/simulation.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>
#include <set>
#include <unordered_set>

#include "app/simulation/table_scores.h"
#include "core/util/error.h"
#include "core/util/stopwatch.h"
#include "core/util/text.h"

namespace nas {
namespace {

bool better_value(const BenchmarkColumn& column, double a, double b) {
  return column.maximize ? a > b : a < b;
}

/// Columns that differ in their epochs, or in being a curve, alone.
bool same_quantity(const BenchmarkColumn& a, const BenchmarkColumn& b) {
  return (a.metric == b.metric || a.metric == b.metric + "_curve") && a.dataset == b.dataset &&
         a.split == b.split && a.statistic == b.statistic && a.device == b.device;
}

}  // namespace

Simulation::Simulation(const Benchmark& benchmark, const SearchSpace& space,
                       SimulationConfig config, PredictorFactory predictors,
                       const Benchmark* scores)
    : benchmark_(benchmark),
      space_(space),
      config_(std::move(config)),
      predictors_(std::move(predictors)),
      rows_(benchmark, space) {
  if (config_.objectives.empty()) {
    throw Error(ErrorKind::kUsage, "a simulation needs the column of its objective");
  }
  for (const std::string& text : config_.objectives) objectives_.push_back(benchmark.column(text));
  for (const std::string& text : config_.report) report_.push_back(benchmark.column(text));
  if (!config_.cost.empty()) cost_ = benchmark.column(config_.cost);
  read_constraints();
  if (config_.budget_seconds <= 0 && config_.budget_queries <= 0) {
    throw Error(ErrorKind::kUsage, "a simulation needs a budget of queries or seconds");
  }
  if (config_.budget_seconds > 0 && !cost_ && config_.evaluation_seconds <= 0) {
    throw Error(ErrorKind::kUsage,
                "a budget of seconds needs a column of costs (training_seconds:...)");
  }
  if (scores != nullptr) score_rows_.emplace(*scores, space);
  scores_ = make_table_scores(scores != nullptr ? *scores : benchmark, space,
                              score_rows_ ? *score_rows_ : rows_);
  if (objectives_.size() > 1) find_front();
}

void Simulation::read_constraints() {
  for (const std::string& text : config_.constraints) {
    constraints_.push_back(read_bound(text, "constraint"));
  }
  if (!config_.found.empty()) found_ = read_bound(config_.found, "found");
}

Simulation::RowConstraint Simulation::read_bound(const std::string& text,
                                                 std::string_view what) const {
  const Bound bound = parse_bound(text, what);
  const std::size_t column = benchmark_.column(bound.name);
  if (benchmark_.columns()[column].width > 1) {
    throw Error(ErrorKind::kUsage, std::string(what) + " '" + printable(text) +
                                       "': the column holds several values per row; one is needed");
  }
  return {column, bound.relation, bound.in(benchmark_.columns()[column].unit)};
}

bool Simulation::is_found(std::size_t row) const {
  return holds(found_->relation, benchmark_.value(found_->column, row), found_->bound);
}

std::size_t Simulation::table_found() const {
  std::size_t count = 0;
  for (std::size_t row = 0; row < benchmark_.rows(); ++row) count += is_found(row) ? 1 : 0;
  return count;
}

void Simulation::find_front() {
  std::vector<std::vector<double>> points;
  std::vector<std::uint32_t> rows;
  for (std::size_t row = 0; row < benchmark_.rows(); ++row) {
    if (!feasible(row)) continue;
    std::vector<double> point = objective_values(row);
    bool finite = true;
    for (std::size_t i = 0; i < point.size(); ++i) {
      finite = finite && std::isfinite(point[i]);
      if (!benchmark_.columns()[objectives_[i]].maximize) point[i] = -point[i];
    }
    if (!finite) continue;
    points.push_back(std::move(point));
    rows.push_back(static_cast<std::uint32_t>(row));
  }
  front_.emplace(std::move(points));
  for (const std::size_t i : front_->front()) front_rows_.push_back(rows[i]);
}

std::optional<UnmetConstraints> Simulation::unmet() const {
  constexpr std::size_t kShown = 10;
  std::vector<std::size_t> rows(benchmark_.rows());
  std::iota(rows.begin(), rows.end(), std::size_t{0});
  if (rows.empty() || constraints_.empty()) return std::nullopt;
  if (std::any_of(rows.begin(), rows.end(), [&](std::size_t row) { return feasible(row); })) {
    return std::nullopt;
  }
  std::vector<ColumnBound> bounds;
  for (const auto& [column, relation, bound] : constraints_) {
    bounds.push_back(
        {column_text(benchmark_.columns()[column]), benchmark_.values(column), relation, bound});
  }
  UnmetConstraints unmet{"", nearest_rows(bounds, rows, kShown)};
  unmet.why = nearest_text(bounds, unmet.nearest);
  return unmet;
}

std::optional<double> Simulation::violation(std::size_t row) const {
  double sum = 0;
  for (const RowConstraint& constraint : constraints_) {
    const double value = benchmark_.value(constraint.column, row);
    if (!std::isfinite(value)) return std::nullopt;
    sum += excess(constraint.relation, value, constraint.bound);
  }
  return sum;
}

double Simulation::last_value(std::size_t column, std::size_t row) const {
  const auto width = static_cast<std::size_t>(benchmark_.columns()[column].width);
  return benchmark_.values(column)[row * width + width - 1];
}

std::vector<double> Simulation::objective_values(std::size_t row) const {
  std::vector<double> values;
  for (const std::size_t column : objectives_) values.push_back(last_value(column, row));
  return values;
}

/// State of one search.
class Simulation::Run {
 public:
  Run(const Simulation& simulation, Searcher& searcher)
      : simulation_(simulation), searcher_(searcher) {}

  SimulatedRun go(const SearchSetup& setup) {
    const Stopwatch watch;
    searcher_.start(setup);
    std::int64_t number = 0;
    for (; !budget_spent() && free_in_a_row_ < kMostFree; ++number) {
      const std::optional<Proposal> proposal = searcher_.ask(number);
      if (!proposal) {
        result_.exhausted = true;
        break;
      }
      query(number, *proposal);
    }
    result_.wall_microseconds =
        1e6 * watch.seconds() / static_cast<double>(std::max<std::int64_t>(number, 1));
    if (!result_.trajectory.empty()) result_.answer = result_.trajectory.back().row;
    result_.front = front_.rows();
    for (const std::size_t column : simulation_.report_) {
      result_.report.push_back(result_.answer
                                   ? simulation_.benchmark_.value(column, *result_.answer)
                                   : std::numeric_limits<double>::quiet_NaN());
    }
    if (simulation_.found_) result_.report.push_back(static_cast<double>(found_.size()));
    return std::move(result_);
  }

 private:
  /// A searcher that only repeats what is free would never end.
  static constexpr std::int64_t kMostFree = 100'000;

  bool budget_spent() const {
    const SimulationConfig& config = simulation_.config_;
    return (config.budget_seconds > 0 && result_.seconds >= config.budget_seconds) ||
           (config.budget_queries > 0 && result_.queries >= config.budget_queries);
  }

  const Level& level(std::int64_t epochs) {
    const auto found = levels_.find(epochs);
    if (found != levels_.end()) return found->second;
    return levels_.emplace(epochs, simulation_.level(epochs)).first->second;
  }

  void query(std::int64_t number, const Proposal& proposal) {
    const std::optional<std::size_t> row = simulation_.rows_.find(proposal.architecture);
    merits_.clear();
    violation_ = 0;
    Outcome outcome = Outcome::kFailed;
    if (row) {
      const Level& level = this->level(proposal.epochs);
      if (simulation_.found_ && simulation_.is_found(*row)) found_.insert(*row);
      charge(level, *row, proposal.epochs);
      outcome = judge(level, *row);
    } else {
      ++result_.absent;  // costs nothing, as an invalid cell of NAS-Bench-101 does
      ++result_.queries;
      ++free_in_a_row_;
    }
    if (outcome == Outcome::kComplete) {
      keep_best(static_cast<std::uint32_t>(*row));
    } else {
      ++(outcome == Outcome::kInfeasible ? result_.infeasible : result_.failed);
      merits_.clear();
    }
    searcher_.tell({number, proposal.architecture, outcome, merits_, violation_, proposal.epochs});
  }

  void keep_best(std::uint32_t row) {
    if (result_.trajectory.empty() || merits_[0] > best_) {
      best_ = merits_[0];
      const double value = simulation_.objective().maximize ? merits_[0] : -merits_[0];
      result_.trajectory.push_back({result_.queries, result_.seconds, row, value});
    }
    if (!simulation_.front_ || !front_.add(row, merits_)) return;
    const double volume = simulation_.front_->hypervolume(front_.points());
    const double before = result_.hypervolume.empty() ? 0 : result_.hypervolume.back().value;
    if (volume > before) {
      result_.hypervolume.push_back({result_.queries, result_.seconds, row, volume});
    }
  }

  void charge(const Level& level, std::size_t row, std::int64_t epochs) {
    const auto key = static_cast<std::uint64_t>(row) << 32U | static_cast<std::uint64_t>(epochs);
    const bool repeated = !seen_.insert(key).second;
    if (repeated) ++result_.repeats;
    if (repeated && simulation_.config_.free_repeats) {
      ++free_in_a_row_;
      return;
    }
    double cost = simulation_.config_.evaluation_seconds;
    if (level.cost) {
      const double value = simulation_.benchmark_.value(*level.cost, row);
      if (std::isfinite(value)) cost += value * level.cost_factor;
    }
    ++result_.queries;
    result_.seconds += cost;
    const bool counts = simulation_.config_.budget_queries > 0 || cost > 0;
    free_in_a_row_ = counts ? 0 : free_in_a_row_ + 1;
  }

  Outcome judge(const Level& level, std::size_t row) {
    const std::optional<double> violation = simulation_.violation(row);
    if (!violation) return Outcome::kFailed;
    violation_ = *violation;
    for (std::size_t i = 0; i < level.objectives.size(); ++i) {
      const double value = simulation_.read(level.objectives[i], row);
      if (!std::isfinite(value)) return Outcome::kFailed;
      const std::size_t column = simulation_.objectives_[i];
      merits_.push_back(simulation_.benchmark_.columns()[column].maximize ? value : -value);
    }
    return violation_ > 0 ? Outcome::kInfeasible : Outcome::kComplete;
  }

  const Simulation& simulation_;
  Searcher& searcher_;
  SimulatedRun result_;
  std::map<std::int64_t, Level> levels_;
  std::unordered_set<std::uint64_t> seen_;  ///< row and epochs
  std::unordered_set<std::size_t> found_;   ///< rows
  std::vector<double> merits_;
  double violation_ = 0;
  FrontArchive front_;  ///< with several objectives
  double best_ = 0;
  std::int64_t free_in_a_row_ = 0;
};

SimulatedRun Simulation::run(Searcher& searcher, std::string_view searcher_name,
                             std::uint64_t seed) const {
  SearchSetup setup{space_, {}, seed, 0, 0};
  setup.study = stable_hash(space_.info().name + "/" + std::string(searcher_name));
  for (const std::size_t column : objectives_) {
    setup.objectives.push_back(
        {column_text(benchmark_.columns()[column]), benchmark_.columns()[column].maximize});
  }
  setup.budget_trials = config_.budget_queries;
  setup.epochs = objective().epochs;
  setup.predictors = predictors_;
  setup.scores = scores_.get();
  return Run(*this, searcher).go(setup);
}

Simulation::Level Simulation::level(std::int64_t epochs) const {
  const std::int64_t full = objective().epochs;
  std::int64_t wanted = epochs == 0 ? full : epochs;
  if (config_.stored_epochs) wanted = stored_epochs(wanted);
  Level level;
  for (const std::size_t column : objectives_) {
    const BenchmarkColumn& objective = benchmark_.columns()[column];
    const auto found = place(objective, wanted);
    if (!found) {
      std::set<std::int64_t> known;
      for (const BenchmarkColumn& other : benchmark_.columns()) {
        if (same_quantity(other, objective)) known.insert(other.epochs);
      }
      std::vector<std::string> texts;
      for (const std::int64_t value : known) texts.push_back(std::to_string(value));
      throw Error(ErrorKind::kUsage,
                  "benchmark '" + benchmark_.info().name + "' has no " + column_text(objective) +
                      " after " + std::to_string(wanted) + " epochs, only after " +
                      join(texts, ", ") +
                      "; a searcher that stops trainings early needs learning curves (or "
                      "--surrogate-curves: the nearest stored training)");
    }
    level.objectives.push_back(*found);
  }
  set_cost(level, wanted);
  return level;
}

/// The objective itself, a point of its learning curve, or the same quantity of a shorter training.
std::optional<Simulation::Level::Place> Simulation::place(const BenchmarkColumn& column,
                                                          std::int64_t epochs) const {
  const std::span<const BenchmarkColumn> all = benchmark_.columns();
  std::optional<Level::Place> other;
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (all[i].width > 1 && same_quantity(all[i], column) && all[i].epochs == column.epochs &&
        epochs >= 1 && epochs <= all[i].width) {
      return Level::Place{i, static_cast<std::size_t>(epochs - 1)};
    }
    // What does not depend on training is known at any epoch.
    const bool same = &all[i] == &column && (epochs == column.epochs || column.epochs == 0);
    if (all[i].width == 1 && (same || (same_quantity(all[i], column) && all[i].epochs == epochs))) {
      other = Level::Place{i, 0};
    }
  }
  return other;
}

std::int64_t Simulation::stored_epochs(std::int64_t wanted) const {
  std::optional<std::int64_t> below, least;
  for (const BenchmarkColumn& column : benchmark_.columns()) {
    if (!same_quantity(column, objective()) || column.width > 1) continue;
    if (column.epochs <= wanted) below = std::max(below.value_or(column.epochs), column.epochs);
    least = std::min(least.value_or(column.epochs), column.epochs);
  }
  return below.value_or(least.value_or(wanted));
}

/// The cost of exactly these epochs where the table has it, else in proportion to the epochs.
void Simulation::set_cost(Level& level, std::int64_t epochs) const {
  if (!cost_) return;
  level.cost = cost_;
  const BenchmarkColumn& cost = benchmark_.columns()[*cost_];
  if (cost.epochs == epochs) return;
  for (std::size_t i = 0; i < benchmark_.columns().size(); ++i) {
    const BenchmarkColumn& other = benchmark_.columns()[i];
    if (!same_quantity(other, cost) || other.width > 1 || other.epochs != epochs) continue;
    level.cost = i;
    return;
  }
  const std::int64_t full = cost.epochs > 0 ? cost.epochs : objective().epochs;
  if (full > 0) level.cost_factor = static_cast<double>(epochs) / static_cast<double>(full);
}

double Simulation::read(const Level::Place& place, std::size_t row) const {
  const auto width = static_cast<std::size_t>(benchmark_.columns()[place.column].width);
  return benchmark_.values(place.column)[row * width + place.offset];
}

double Simulation::best_of(std::size_t column) const {
  const BenchmarkColumn& described = benchmark_.columns()[column];
  double best = std::numeric_limits<double>::quiet_NaN();
  for (std::size_t row = 0; row < benchmark_.rows(); ++row) {
    const double value = last_value(column, row);
    if (!std::isfinite(value) || !feasible(row)) continue;
    if (std::isnan(best) || better_value(described, value, best)) best = value;
  }
  return best;
}

double Simulation::best_objective() const {
  return best_of(objectives_[0]);
}

double Simulation::best_report(std::size_t i) const {
  return best_of(report_[i]);
}

}  // namespace nas
