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

/// The ten rows of the highest score (of equal ones the first), by their best truth.
std::optional<double> best_of_ten(std::span<const double> truth, bool maximize,
                                  std::span<const double> score) {
  constexpr std::size_t kShown = 10;
  std::vector<std::size_t> rows;
  for (std::size_t row = 0; row < truth.size(); ++row) {
    if (std::isfinite(truth[row]) && !std::isnan(score[row])) rows.push_back(row);
  }
  if (rows.size() <= kShown) return std::nullopt;
  std::stable_sort(rows.begin(), rows.end(),
                   [&](std::size_t a, std::size_t b) { return score[a] > score[b]; });
  double best = truth[rows[0]];
  for (const std::size_t row : std::span(rows).first(kShown)) {
    best = maximize ? std::max(best, truth[row]) : std::min(best, truth[row]);
  }
  return best;
}

/// The rows where no score is missing.
struct Complete {
  std::vector<double> truth;
  std::vector<double> scores;  ///< [rows, scores]
  std::size_t missing = 0;
};

Complete complete_rows(const Benchmark& benchmark, std::span<const double> truth,
                       std::span<const std::size_t> scores) {
  Complete result;
  for (std::size_t row = 0; row < benchmark.rows(); ++row) {
    if (!std::isfinite(truth[row])) continue;
    const bool complete = std::all_of(scores.begin(), scores.end(), [&](std::size_t column) {
      return !std::isnan(benchmark.value(column, row));
    });
    if (!complete) {
      ++result.missing;
      continue;
    }
    result.truth.push_back(truth[row]);
    for (const std::size_t column : scores) result.scores.push_back(benchmark.value(column, row));
  }
  return result;
}

Correlation combined(std::string name, const Complete& rows, bool maximize,
                     const std::vector<double>& score) {
  Correlation result = correlate(std::move(name), rows.truth, score);
  result.missing = rows.missing;
  result.best_of_ten = best_of_ten(rows.truth, maximize, score);
  return result;
}

void require_few(std::size_t voters) {
  if (voters <= kMostVoters) return;
  throw Error(ErrorKind::kUnsupported, "the vote compares all pairs of architectures; " +
                                           std::to_string(voters) + " are more than " +
                                           std::to_string(kMostVoters));
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
                                   bool maximize, std::span<const std::size_t> scores,
                                   Combinations combinations) {
  std::vector<Correlation> results;
  for (const std::size_t column : scores) {
    const BenchmarkColumn& score = benchmark.columns()[column];
    results.push_back(correlate(column_text(score), truth, benchmark.values(column)));
    results.back().best_of_ten = best_of_ten(truth, maximize, benchmark.values(column));
  }
  std::stable_sort(results.begin(), results.end(), [](const Correlation& a, const Correlation& b) {
    return std::abs(a.spearman.value_or(0)) > std::abs(b.spearman.value_or(0));
  });
  if (scores.empty() || !(combinations.vote || combinations.rank_sum)) return results;
  const Complete rows = complete_rows(benchmark, truth, scores);
  const std::string count = std::to_string(scores.size());
  if (combinations.rank_sum) {
    results.push_back(
        combined("rank sum of " + count, rows, maximize, borda(rows.scores, scores.size())));
  }
  if (combinations.vote) {
    require_few(rows.truth.size());
    results.push_back(combined("majority vote of " + count, rows, maximize,
                               majority_wins(rows.scores, scores.size())));
  }
  return results;
}

std::vector<double> top_part(std::vector<double> truth, bool maximize, double part) {
  NAS_CHECK(part > 0 && part <= 1, "a part of the rows is more than 0 and at most 1");
  std::vector<double> known;
  for (const double value : truth) {
    if (std::isfinite(value)) known.push_back(maximize ? -value : value);
  }
  if (known.empty()) return truth;
  std::sort(known.begin(), known.end());
  const auto kept = static_cast<std::size_t>(std::ceil(part * static_cast<double>(known.size())));
  const double last = known[std::clamp<std::size_t>(kept, 1, known.size()) - 1];
  for (double& value : truth) {
    if (!((maximize ? -value : value) <= last)) value = std::nan("");
  }
  return truth;
}

Table correlation_table(const std::vector<Correlation>& correlations, std::size_t rows,
                        const std::string& truth) {
  Table table{"correlations",
              {{"score", "", true},
               {"spearman", "", false},
               {"kendall_tau_b", "kendall tau-b", false},
               {"pearson", "", false},
               {"pair_accuracy", "pair accuracy", false},
               {"best_of_ten", "best of ten", false},
               {"n", "", false},
               {"missing", "", false},
               {"failed", "", false}},
              {},
              "how the scores rank " + format_count(static_cast<std::int64_t>(rows)) +
                  " architectures against their truth " + truth + "; failed scores rank last"};
  const auto cell = [](const std::optional<double>& value) {
    return value ? Cell(*value) : Cell(std::string("undefined"));
  };
  for (const Correlation& row : correlations) {
    table.rows.push_back(
        {row.score, cell(row.spearman), cell(row.kendall), cell(row.pearson),
         cell(row.pair_accuracy), cell(row.best_of_ten), static_cast<std::int64_t>(row.pairs),
         static_cast<std::int64_t>(row.missing), static_cast<std::int64_t>(row.failed)});
  }
  return table;
}

}  // namespace nas
