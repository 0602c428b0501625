#include "app/supernets/supernet_scoring.h"

#include <cmath>
#include <limits>
#include <utility>

#include "core/runtime/model.h"
#include "core/util/error.h"
#include "core/util/parallel_jobs.h"
#include "core/util/stopwatch.h"
#include "core/util/text.h"

namespace nas {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();
constexpr double kFailed = -std::numeric_limits<double>::infinity();

BenchmarkColumn column_of(const SubnetJudge& judge, const SupernetScoring& scoring) {
  BenchmarkColumn column;
  column.metric = scoring.column.empty() ? "supernet." + scoring.supernet : scoring.column;
  if (column.metric.find_first_of(":,@= ") != std::string::npos) {
    throw Error(ErrorKind::kUsage, "column '" + printable(column.metric) +
                                       "': a name has no blank, ':', ',', '@' or '='");
  }
  column.dataset = judge.supernet().info().data_id;
  if (std::holds_alternative<WeightBank>(judge.supernet().bank)) {  // circuits have no samples
    column.split = scoring.judging.part == "test" ? "test" : "valid";
    column.statistic = "samples=" + std::to_string(scoring.judging.samples) +
                       ";statistics=" + scoring.judging.statistics;
  }
  column.source = MetricSource::kProxy;
  column.origin = "searchlight " + version_text() + ", " + judge.fidelity();
  column.network = judge.supernet().info().network;
  return column;
}

class SupernetScorer {
 public:
  SupernetScorer(Session& session, const SupernetScoring& scoring, const SubnetJudge& judge,
                 const BenchmarkColumn& column, Benchmark& table)
      : session_(session),
        scoring_(scoring),
        judge_(judge),
        table_(table),
        column_(column),
        values_(table.rows(), kMissing) {
    take_known();
  }

  ScoringReport run() {
    const Stopwatch watch;
    const std::vector<std::size_t> rows = scored_rows(scoring_.rows, table_.rows());
    report_.rows = static_cast<std::int64_t>(rows.size());
    for (const std::size_t row : rows) {
      if (std::isnan(values_[row])) jobs_.push_back(row);
    }
    report_.resumed = report_.rows - static_cast<std::int64_t>(jobs_.size());
    session_.progress().begin("scoring " + table_.info().name,
                              static_cast<std::int64_t>(jobs_.size()));
    work();
    session_.progress().end();
    say_untrained(rows);
    store();
    session_.forget_benchmark(scoring_.rows.benchmark);
    report_.complete = report_.scored == static_cast<std::int64_t>(jobs_.size());
    for (const std::size_t row : rows) report_.failed += values_[row] == kFailed ? 1 : 0;
    report_.columns = {column_text(column_)};
    report_.seconds = watch.seconds();
    return report_;
  }

 private:
  void take_known() {
    const std::string text = column_text(column_);
    for (std::size_t i = 0; i < table_.columns().size(); ++i) {
      if (column_text(table_.columns()[i]) != text) continue;
      if (!same_scoring(table_.columns()[i].origin, column_.origin)) {
        session_.progress().message(text + " was scored by " + table_.columns()[i].origin +
                                    "; this is another supernet: scored anew");
        return;
      }
      column_.origin = table_.columns()[i].origin;  // the program that began it
      const auto known = table_.values(i);
      values_.assign(known.begin(), known.end());
    }
  }

  void say_untrained(std::span<const std::size_t> rows) const {
    const OpenSupernet& supernet = judge_.supernet();
    std::size_t count = 0;
    std::string first;
    for (const std::size_t row : rows) {
      if (values_[row] == kFailed) continue;
      std::string part = supernet.untrained_part(
          subnet_of(supernet, supernet.info().space.name, supernet.space->parse(table_.text(row))));
      if (part.empty()) continue;
      if (count++ == 0) first = std::move(part);
    }
    if (count == 0) return;
    session_.progress().message("note: " + first + "; " + std::to_string(count) + " of " +
                                std::to_string(rows.size()) +
                                " rows have choices that it was not trained on");
  }

  struct Found {
    double merit = kFailed;
    std::string failure;
  };

  Found judge(std::size_t row) const {
    const SearchSpace& space = *judge_.supernet().space;
    Found found;
    try {
      const double merit = judge_.merit(
          subnet_of(judge_.supernet(), space.info().name, space.parse(table_.text(row))));
      if (std::isfinite(merit)) return {merit, ""};
      found.failure = table_.text(row) + ": the loss is not finite";
    } catch (const Error& error) {
      // Not of the subnet: a full disk, a lack of memory. The row stays open.
      const bool other = error.kind() == ErrorKind::kUsage || error.kind() == ErrorKind::kIo ||
                         error.kind() == ErrorKind::kInternal;
      if (other) throw;
      found.failure = error.what();
    }
    return found;
  }

  void work() {
    std::vector<Found> found(jobs_.size());
    Stopwatch since_stored;
    run_jobs(jobs_.size(), {.threads = scoring_.rows.workers,
                            .stop = session_.stop(),
                            .begin = [] { set_intra_op_threads(1); },
                            .run = [&](std::size_t job) { found[job] = judge(jobs_[job]); },
                            .keep =
                                [&](std::span<const std::size_t> finished) {
                                  for (const std::size_t job : finished) keep(job, found[job]);
                                  session_.progress().update(report_.scored, "");
                                  if (since_stored.seconds() < scoring_.rows.flush_seconds) return;
                                  store();
                                  since_stored.restart();
                                }});
  }

  void keep(std::size_t job, const Found& found) {
    values_[jobs_[job]] = found.merit;
    if (report_.first_failure.empty()) report_.first_failure = found.failure;
    ++report_.scored;
  }

  void store() {
    table_.put_column(column_, values_);  // as the last one
    const std::size_t last[] = {table_.columns().size() - 1};
    session_.writer().put_benchmark_columns(table_, last);
  }

  Session& session_;
  const SupernetScoring& scoring_;
  const SubnetJudge& judge_;
  Benchmark& table_;
  BenchmarkColumn column_;
  std::vector<double> values_;     ///< by row; NaN = not judged yet
  std::vector<std::size_t> jobs_;  ///< rows
  ScoringReport report_;
};

}  // namespace

ScoringReport score_with_supernet(Session& session, const SupernetScoring& scoring) {
  // What can be refused is refused before a new benchmark is made.
  const SubnetJudge judge(open_supernet(session, scoring.supernet), scoring.judging);
  const BenchmarkColumn column = column_of(judge, scoring);
  const std::string& own = judge.supernet().info().space.name;
  const auto check_space = [&](const std::string& space) {
    if (space == own) return;
    throw Error(ErrorKind::kUsage, "benchmark '" + scoring.rows.benchmark + "' is of space '" +
                                       printable(space) + "', supernet '" + scoring.supernet +
                                       "' of '" + own + "'");
  };
  if (!scoring.rows.space.name.empty()) check_space(scoring.rows.space.name);
  ScoredTable scored = open_scored_table(session, scoring.rows);
  check_space(scored.space->info().name);
  return SupernetScorer(session, scoring, judge, column, scored.table).run();
}

}  // namespace nas
