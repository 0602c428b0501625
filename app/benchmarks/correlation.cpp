#include "app/benchmarks/correlation.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "app/benchmarks/benchmark_join.h"
#include "core/util/error.h"
#include "core/util/rank_aggregation.h"
#include "core/util/statistics.h"
#include "core/util/text.h"

namespace nas {
namespace {

/// The majority is counted pair by pair: seconds for 20,000 architectures, an hour for 400,000.
constexpr std::size_t kMostVoters = 30'000;

Correlation correlate_vote(const Benchmark& benchmark, std::span<const double> truth,
                           std::span<const std::size_t> scores) {
  std::vector<double> table;
  std::vector<double> known;
  std::size_t missing = 0;
  for (std::size_t row = 0; row < benchmark.rows(); ++row) {
    if (!std::isfinite(truth[row])) continue;
    const bool complete = std::all_of(scores.begin(), scores.end(), [&](std::size_t column) {
      return !std::isnan(benchmark.value(column, row));
    });
    if (!complete) {
      ++missing;
      continue;
    }
    known.push_back(truth[row]);
    for (const std::size_t column : scores) {
      const double sign = benchmark.columns()[column].maximize ? 1 : -1;
      table.push_back(sign * benchmark.value(column, row));
    }
  }
  if (known.size() > kMostVoters) {
    throw Error(ErrorKind::kUnsupported, "the vote compares all pairs of architectures; " +
                                             std::to_string(known.size()) + " are more than " +
                                             std::to_string(kMostVoters));
  }
  Correlation result = correlate("majority vote of " + std::to_string(scores.size()), known,
                                 majority_wins(table, scores.size()));
  result.missing = missing;
  return result;
}

}  // namespace

Correlation correlate(std::string score_name, std::span<const double> truth,
                      std::span<const double> score) {
  NAS_CHECK(truth.size() == score.size(), "a correlation needs pairs");
  Correlation result{.score = std::move(score_name)};
  std::vector<double> x, y, finite_x, finite_y;
  for (std::size_t i = 0; i < truth.size(); ++i) {
    if (!std::isfinite(truth[i])) continue;
    if (std::isnan(score[i])) {
      ++result.missing;
      continue;
    }
    x.push_back(truth[i]);
    y.push_back(score[i]);
    if (std::isinf(score[i])) {
      ++result.failed;
      continue;
    }
    finite_x.push_back(truth[i]);
    finite_y.push_back(score[i]);
  }
  result.pairs = x.size();
  result.spearman = spearman(x, y);
  result.kendall = kendall_tau_b(x, y);
  result.pearson = pearson(finite_x, finite_y);
  // Half of the pairs is what a constant reaches: no answer rather than 0.5.
  if (result.kendall) result.pair_accuracy = pair_accuracy(x, y);
  return result;
}

std::vector<std::size_t> score_columns(const Benchmark& benchmark) {
  std::vector<std::size_t> columns;
  for (std::size_t i = 0; i < benchmark.columns().size(); ++i) {
    const BenchmarkColumn& column = benchmark.columns()[i];
    if (column.source == MetricSource::kProxy && column.width == 1) columns.push_back(i);
  }
  return columns;
}

std::vector<double> comparable_truth(const Benchmark& benchmark, std::vector<double> truth,
                                     std::span<const std::size_t> scores, bool common) {
  constexpr std::size_t kMostNamed = 12;
  std::vector<std::pair<std::size_t, std::string>> counts;  // rows of each score that have a truth
  for (const std::size_t column : scores) {
    counts.emplace_back(0, column_text(benchmark.columns()[column]));
  }
  std::size_t with_truth = 0, all = 0;
  bool same = true;
  for (std::size_t row = 0; row < benchmark.rows(); ++row) {
    if (!std::isfinite(truth[row])) continue;
    ++with_truth;
    std::size_t present = 0;
    for (std::size_t i = 0; i < scores.size(); ++i) {
      const bool there = !std::isnan(benchmark.value(scores[i], row));
      counts[i].first += there ? 1 : 0;
      present += there ? 1 : 0;
    }
    all += present == scores.size() ? 1 : 0;
    same = same && (present == 0 || present == scores.size());
    if (common && present < scores.size()) truth[row] = std::nan("");
  }
  if (same || common) return truth;
  std::sort(counts.begin(), counts.end());
  std::vector<std::string> parts;
  const auto number = [](std::size_t n) { return format_count(static_cast<std::int64_t>(n)); };
  for (std::size_t i = 0; i < std::min(counts.size(), kMostNamed); ++i) {
    parts.push_back(printable(counts[i].second) + " has " + number(counts[i].first));
  }
  if (counts.size() > kMostNamed) parts.emplace_back("...");
  throw Error(ErrorKind::kUsage,
              "the scores are of different rows, so their correlations do not compare: of " +
                  number(with_truth) + " rows with a truth, " + join(parts, ", ") +
                  "; --common takes the " + number(all) +
                  " that all have, or name fewer with --score");
}

std::vector<Correlation> correlate(const Benchmark& benchmark, std::span<const double> truth,
                                   std::span<const std::size_t> scores, bool vote) {
  std::vector<Correlation> results;
  for (const std::size_t column : scores) {
    results.push_back(
        correlate(column_text(benchmark.columns()[column]), truth, benchmark.values(column)));
  }
  std::stable_sort(results.begin(), results.end(), [](const Correlation& a, const Correlation& b) {
    return std::abs(a.spearman.value_or(0)) > std::abs(b.spearman.value_or(0));
  });
  if (vote && !scores.empty()) results.push_back(correlate_vote(benchmark, truth, scores));
  return results;
}

Table correlation_table(const std::vector<Correlation>& correlations, std::size_t rows,
                        const std::string& truth) {
  Table table{
      "correlations",
      {{"score", "", true},
       {"spearman", "", false},
       {"kendall_tau_b", "kendall tau-b", false},
       {"pearson", "", false},
       {"pair_accuracy", "pair accuracy", false},
       {"n", "", false},
       {"missing", "", false},
       {"failed", "", false}},
      {},
      "with " + truth + ", " + std::to_string(rows) + " architectures; failed scores rank last"};
  const auto cell = [](const std::optional<double>& value) {
    return value ? Cell(*value) : Cell(std::string("undefined"));
  };
  for (const Correlation& row : correlations) {
    table.rows.push_back({row.score, cell(row.spearman), cell(row.kendall), cell(row.pearson),
                          cell(row.pair_accuracy), static_cast<std::int64_t>(row.pairs),
                          static_cast<std::int64_t>(row.missing),
                          static_cast<std::int64_t>(row.failed)});
  }
  return table;
}

}  // namespace nas
