#include "db/importers/self_check.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <span>
#include <utility>

#include "core/ir/cost.h"
#include "core/util/error.h"
#include "core/util/text.h"

namespace nas {
namespace {

constexpr std::size_t kLongestRow = 24;
constexpr std::size_t kMostNamed = 3;  // failures in a message

std::string count_text(std::size_t count) {
  return format_count(static_cast<std::int64_t>(count));
}

bool near(double a, double b, double tolerance) {
  return a == b || std::abs(a - b) <= tolerance;
}

struct Deviation {
  std::size_t rows = 0, wrong = 0;
  std::string first{};  // the first row that differs
};

}  // namespace

void SelfChecks::add(std::string what, std::string expected, std::string got, bool ok) {
  checks_.push_back({std::move(what), std::move(expected), std::move(got), ok});
}

void SelfChecks::rows(std::size_t expected) {
  add("rows", count_text(expected), count_text(benchmark_.rows()), benchmark_.rows() == expected);
}

void SelfChecks::value(std::string_view row, std::string_view column, double expected,
                       double tolerance, bool required) {
  const std::optional<std::size_t> found = benchmark_.find(row);
  // Long texts (cells of NAS-Bench-201) would hide the numbers beside them.
  const bool by_number = found && row.size() > kLongestRow;
  const std::string what =
      std::string(column) + " of " + (by_number ? "#" + std::to_string(*found) : printable(row));
  if (!found) {
    if (required) add(what, format_double(expected), "no such row", false);
    return;
  }
  const double got = benchmark_.value(benchmark_.column(column), *found);
  add(what, format_double(expected), format_double(got), near(got, expected, tolerance));
}

void SelfChecks::best(std::string_view query, double expected, double tolerance,
                      const std::vector<std::string>& rows) {
  const std::size_t column = benchmark_.column(query);
  const bool maximize = benchmark_.columns()[column].maximize;
  std::optional<double> best;
  for (const double value : benchmark_.values(column)) {
    if (!std::isfinite(value)) continue;
    if (!best || (maximize ? value > *best : value < *best)) best = value;
  }
  const std::string what = "best " + std::string(query);
  add(what, format_double(expected), best ? format_double(*best) : "no value",
      best && near(*best, expected, tolerance));
  for (const std::string& row : rows) {
    value(row, query, expected, tolerance);
  }
}

void SelfChecks::finish(ImportResult& result, bool force) {
  std::vector<std::string> failures;
  for (const SelfCheck& check : checks_) {
    if (check.ok) continue;
    failures.push_back(check.what + ": expected " + check.expected + ", got " + check.got);
  }
  result.checks = checks_;
  if (failures.empty()) return;
  const std::size_t all = failures.size();
  if (all > kMostNamed) failures.resize(kMostNamed);
  const std::string text = count_text(all) + " of " + count_text(checks_.size()) +
                           " self-checks failed: " + join(failures, "; ") +
                           (all > kMostNamed ? "; ..." : "");
  if (!force) {
    throw Error(ErrorKind::kData,
                result.benchmark.info().source + ": " + text + "; --force keeps it all the same");
  }
  result.notes.push_back(text + " (kept, as --force was given)");
}

void check_structure(SelfChecks& checks, const Benchmark& benchmark, const SearchSpace& space,
                     const std::vector<StructureRule>& rules, const ImportRequest& request) {
  if (rules.empty() || benchmark.rows() == 0) return;
  const std::size_t step = (benchmark.rows() + kMostStructureRows - 1) / kMostStructureRows;
  std::vector<Deviation> deviations(rules.size());
  std::vector<std::size_t> columns;
  for (const StructureRule& rule : rules) columns.push_back(benchmark.column(rule.column));
  request.progress->begin("recompute parameters and MACs",
                          static_cast<std::int64_t>(benchmark.rows()));
  for (std::size_t row = 0; row < benchmark.rows(); row += step) {
    throw_if_stopped(request);
    if (row / step % 256 == 0) request.progress->update(static_cast<std::int64_t>(row), "");
    const Architecture architecture = space.parse(benchmark.text(row));
    std::optional<GraphCost> cost;
    const Task* costed = nullptr;
    for (std::size_t i = 0; i < rules.size(); ++i) {
      const StructureRule& rule = rules[i];
      const double value = benchmark.value(columns[i], row);
      if (std::isnan(value)) continue;
      // One graph gives parameters and MACs; rules of equal task share it.
      if (costed == nullptr || rule.task != *costed) {
        cost = graph_cost(space.build(architecture, rule.task));
        costed = &rule.task;
      }
      const auto count =
          static_cast<double>(rule.macs ? published_macs(space.info(), *cost) : cost->params);
      ++deviations[i].rows;
      if (near(std::round(value * rule.scale), count, rule.tolerance)) continue;
      if (deviations[i].wrong++ == 0) {
        deviations[i].first = benchmark.text(row) + " has " + format_double(value * rule.scale) +
                              ", computed " + format_double(count);
      }
    }
  }
  request.progress->end();
  for (std::size_t i = 0; i < rules.size(); ++i) {
    const Deviation& found = deviations[i];
    const std::string what = rules[i].column + " recomputed through space " + space.info().name;
    const std::string all = count_text(found.rows) + " of " + count_text(found.rows) + " equal";
    std::string got = count_text(found.rows - found.wrong) + " equal";
    if (found.wrong > 0) got += " (" + printable(found.first) + ")";
    checks.add(what, all, found.wrong == 0 ? all : got, found.wrong == 0);
  }
}

namespace {

/// 0.94 in a column of percent is most often 94 %.
void note_fractions(const BenchmarkColumn& column, std::span<const double> values,
                    std::vector<std::string>& notes) {
  if (column.unit != "%" || column.metric.find("accuracy") == std::string::npos) return;
  double largest = 0;
  for (const double value : values) {
    if (std::isfinite(value)) largest = std::max(largest, std::abs(value));
  }
  if (largest == 0 || largest > 1) return;
  notes.push_back("all values of '" + printable(column_text(column)) +
                  "' are at most 1 %; where they are fractions, say scale = 100 in the mapping");
}

}  // namespace

void note_special_values(ImportResult& result) {
  const Benchmark& benchmark = result.benchmark;
  for (std::size_t i = 0; i < benchmark.columns().size(); ++i) {
    const BenchmarkColumn& column = benchmark.columns()[i];
    const ValueCounts counts = count_special(benchmark.values(i));
    note_fractions(column, benchmark.values(i), result.notes);
    const std::string of = " of " + count_text(benchmark.values(i).size());
    if (counts.failed > 0) {
      result.notes.push_back(column_text(column) + ": " + count_text(counts.failed) + of +
                             " values failed or are infinite; they rank " +
                             (column.maximize ? "by sign, -inf worst" : "by sign, inf worst"));
    }
    if (counts.missing > 0 && column.width == 1) {
      result.notes.push_back(column_text(column) + ": " + count_text(counts.missing) + of +
                             " values are missing");
    }
  }
}

void throw_if_stopped(const ImportRequest& request) {
  if (request.stop.stop_requested()) {
    throw Error(ErrorKind::kUsage, "import of " + request.path.string() + " was interrupted");
  }
}

}  // namespace nas
