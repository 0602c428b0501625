#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "app/benchmarks/benchmarks.h"
#include "core/ir/cost.h"
#include "core/util/error.h"
#include "core/util/text.h"

namespace nas {
namespace {

using Checks = std::vector<SelfCheck>;

std::string count_text(std::size_t count) {
  return format_count(static_cast<std::int64_t>(count));
}

/// The unit in the last place that a table gives its numbers in: 1000 when all are multiples of it.
double granularity(std::span<const double> values) {
  double unit = 1e6;
  for (const double value : values) {
    if (!std::isfinite(value)) continue;
    while (unit > 1 && std::abs(value - std::round(value / unit) * unit) > 1e-6 * unit) unit /= 10;
  }
  // Counts are multiples of small numbers by themselves.
  return unit < 1000 ? 1 : unit;
}

/// One column of parameters or MACs, compared row by row.
struct CountColumn {
  std::size_t column = 0;
  bool macs = false;
  double tolerance = 0;
  std::size_t compared = 0, wrong = 0;
  std::string first_wrong;

  void compare(const Benchmark& benchmark, std::size_t row, std::int64_t count) {
    const double value = benchmark.value(column, row);
    if (!std::isfinite(value)) return;
    ++compared;
    if (std::abs(value - static_cast<double>(count)) <= tolerance) return;
    if (wrong++ == 0) {
      first_wrong = "; row " + std::to_string(row) + " has " + format_double(value) +
                    ", computed " + std::to_string(count);
    }
  }
};

/// The network of a column: its own (of tables that were made here), else that of its data set.
std::optional<Task> task_of(const BenchmarkColumn& column, const SearchSpace& space) {
  if (!column.network.empty()) return parse_task_text(column.network);
  return published_task(space, column.dataset);
}

/// Columns that can be recomputed from the same network.
struct CountColumns {
  Task task;
  std::vector<CountColumn> columns;
};

/// By the text of their network.
std::map<std::string, CountColumns> count_columns(const Benchmark& benchmark,
                                                  const SearchSpace& space) {
  std::map<std::string, CountColumns> found;
  for (std::size_t i = 0; i < benchmark.columns().size(); ++i) {
    const BenchmarkColumn& column = benchmark.columns()[i];
    const bool macs = column.metric == "macs";
    const bool counts = macs || column.metric == "params";
    const auto task = task_of(column, space);
    if (!counts || column.width != 1 || !task) continue;
    // MACs were often computed in floating point of millions: two operations of slack.
    const double unit = granularity(benchmark.values(i));
    const double tolerance = std::max(unit > 1 ? unit / 2 : 0.5, macs ? 2.0 : 0.5);
    CountColumns& same = found[network_text(space, *task)];
    same.task = *task;
    same.columns.push_back({.column = i, .macs = macs, .tolerance = tolerance});
  }
  return found;
}

/// What reading every row through its space showed.
struct RowFindings {
  std::size_t unreadable = 0, respelled = 0, out_of_order = 0;
  std::string first_unreadable;
  std::set<std::string> classes;
};

void inspect_row(const Benchmark& benchmark, const SearchSpace& space, std::size_t row,
                 std::map<std::string, CountColumns>& counts, RowFindings& findings) {
  Architecture architecture;
  try {
    architecture = space.parse(benchmark.text(row));
    validate(space, architecture);
  } catch (const Error& error) {
    if (findings.unreadable++ == 0) findings.first_unreadable = std::string("; ") + error.what();
    return;
  }
  if (space.format(architecture) != benchmark.text(row)) ++findings.respelled;
  if (const auto* indexed = dynamic_cast<const IndexedSpace*>(&space)) {
    if (indexed->index_of(architecture) != row) ++findings.out_of_order;
  }
  if (const auto* keys = dynamic_cast<const IsomorphismKeys*>(&space)) {
    findings.classes.insert(keys->isomorphism_key(architecture));
  }
  for (auto& [network, same] : counts) {
    const GraphCost cost = graph_cost(space.build(architecture, same.task));
    for (CountColumn& column : same.columns) {
      column.compare(benchmark, row,
                     column.macs ? published_macs(space.info(), cost) : cost.params);
    }
  }
}

void check_classes(const Benchmark& benchmark, const SearchSpace& space,
                   const RowFindings& findings, Checks& checks) {
  if (findings.classes.empty()) return;
  // Dong & Yang (2020), arXiv 2001.00326: 6,466 of the 15,625 cells differ as functions.
  const bool whole = space.info().name == "nasbench201" && benchmark.rows() == 15625;
  const std::size_t found = findings.classes.size();
  checks.push_back({"isomorphism classes", whole ? count_text(6466) : "any number",
                    count_text(found), !whole || found == 6466});
}

void check_through_space(Session& session, const Benchmark& benchmark, const SearchSpace& space,
                         Checks& checks) {
  auto counts = count_columns(benchmark, space);
  RowFindings findings;
  session.progress().begin("verifying " + benchmark.info().name,
                           static_cast<std::int64_t>(benchmark.rows()));
  for (std::size_t row = 0; row < benchmark.rows(); ++row) {
    if (row % 256 == 0) {
      session.progress().update(static_cast<std::int64_t>(row), "");
      if (session.stop().stop_requested()) throw Error(ErrorKind::kUsage, "interrupted");
    }
    inspect_row(benchmark, space, row, counts, findings);
  }
  session.progress().end();
  checks.push_back({"rows that space " + space.info().name + " reads", count_text(benchmark.rows()),
                    count_text(benchmark.rows() - findings.unreadable) + findings.first_unreadable,
                    findings.unreadable == 0});
  checks.push_back({"rows not in the space's own spelling", "0", count_text(findings.respelled),
                    findings.respelled == 0});
  const auto* indexed = dynamic_cast<const IndexedSpace*>(&space);
  if (indexed != nullptr && indexed->size() == benchmark.rows()) {
    // The order is the source's own; it is said, not judged.
    checks.push_back({"rows away from the published index", "any number",
                      count_text(findings.out_of_order), true});
  }
  check_classes(benchmark, space, findings, checks);
  for (const auto& [network, same] : counts) {
    for (const CountColumn& column : same.columns) {
      checks.push_back(
          {column_text(benchmark.columns()[column.column]) + " recomputed",
           count_text(column.compared) + " equal within " + format_short(column.tolerance),
           count_text(column.compared - column.wrong) + column.first_wrong, column.wrong == 0});
    }
  }
}

void check_percentages(const Benchmark& benchmark, Checks& checks) {
  std::size_t columns = 0, outside = 0;
  std::string first;
  for (std::size_t i = 0; i < benchmark.columns().size(); ++i) {
    const BenchmarkColumn& column = benchmark.columns()[i];
    if (column.unit != "%" || column.width != 1) continue;
    ++columns;
    for (const double value : benchmark.values(i)) {
      if (!std::isfinite(value) || (value >= 0 && value <= 100)) continue;
      if (outside++ == 0) first = "; " + column_text(column) + " has " + format_double(value);
    }
  }
  if (columns == 0) return;
  checks.push_back({"values in % outside 0 to 100 (columns: " + std::to_string(columns) + ")", "0",
                    count_text(outside) + first, outside == 0});
}

}  // namespace

std::vector<SelfCheck> verify_benchmark(Session& session, const std::string& name) {
  const std::shared_ptr<const Benchmark> benchmark = session.benchmark(name);
  // Opening has compared checksums, lengths and repeated texts already.
  Checks checks = {{"rows, each architecture once", count_text(benchmark->rows()),
                    count_text(benchmark->rows()), true}};
  const SearchSpace* space = space_of(session, benchmark->info());
  if (space != nullptr) {
    const std::string& stored = benchmark->info().space_version;
    checks.push_back({"version of space " + space->info().name, space->info().version, stored,
                      stored.empty() || stored == space->info().version});
    check_through_space(session, *benchmark, *space, checks);
  }
  check_percentages(*benchmark, checks);
  return checks;
}

}  // namespace nas
