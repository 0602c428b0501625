#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

#include "app/presentation/answer_files.h"
#include "app/simulation/comparison.h"
#include "app/simulation/significance.h"
#include "core/util/counted.h"
#include "core/util/error.h"
#include "core/util/statistics.h"
#include "core/util/text.h"

namespace nas {
namespace {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
constexpr double kNoRegret = 0.01;  ///< the floor of a drawing in which no regret is above 0

/// The quantity of one run; NaN when the run has no answer.
double value_of(const Comparison& comparison, const SimulatedRun& run, std::size_t quantity) {
  if (comparison.quantities[quantity].hypervolume) {
    return run.hypervolume.empty() ? 0 : run.hypervolume.back().value;
  }
  if (quantity > 0) return run.report[quantity - 1];
  return run.trajectory.empty() ? kNone : run.trajectory.back().value;
}

std::vector<double> values_of(const Comparison& comparison, const ComparedSearcher& searcher,
                              std::size_t quantity) {
  std::vector<double> values;
  for (const SimulatedRun& run : searcher.runs) {
    values.push_back(value_of(comparison, run, quantity));
  }
  return values;
}

std::vector<double> finite_ones(std::vector<double> values) {
  std::erase_if(values, [](double value) { return !std::isfinite(value); });
  return values;
}

template <class Read>
double mean_of(const ComparedSearcher& searcher, Read read) {
  std::vector<double> values;
  for (const SimulatedRun& run : searcher.runs) values.push_back(static_cast<double>(read(run)));
  return mean(values);
}

/// The searcher that the others are tested against.
std::size_t reference_of(const Comparison& comparison, std::size_t quantity) {
  std::size_t reference = 0;
  if (!comparison.against_best) return reference;
  double best = kNone;
  for (std::size_t i = 0; i < comparison.searchers.size(); ++i) {
    const std::vector<double> values =
        finite_ones(values_of(comparison, comparison.searchers[i], quantity));
    if (values.empty()) continue;
    const double value = comparison.quantities[quantity].maximize ? mean(values) : -mean(values);
    if (!std::isnan(best) && value <= best) continue;
    best = value;
    reference = i;
  }
  return reference;
}

/// How a searcher did against the reference over the seeds that both answered.
struct Verdict {
  double p = 1;         ///< corrected
  bool larger = false;  ///< its values, by the ranks that the test is of: a mean may say otherwise
  std::size_t pairs = 0;
  bool too_few = false;  ///< the test could not have shown a difference
};

/// By searcher; nullopt for the reference.
std::vector<std::optional<Verdict>> tests(const Comparison& comparison, std::size_t quantity,
                                          std::size_t reference) {
  std::vector<Verdict> verdicts;
  std::vector<double> p_values, least;
  const std::vector<double> base = values_of(comparison, comparison.searchers[reference], quantity);
  for (std::size_t i = 0; i < comparison.searchers.size(); ++i) {
    if (i == reference) continue;
    const std::vector<double> other = values_of(comparison, comparison.searchers[i], quantity);
    std::vector<double> a, b;
    for (std::size_t run = 0; run < base.size(); ++run) {
      if (!std::isfinite(base[run]) || !std::isfinite(other[run])) continue;
      a.push_back(other[run]);
      b.push_back(base[run]);
    }
    const SignedRankTest test = signed_rank_test(a, b);
    const auto n = static_cast<double>(test.pairs);
    p_values.push_back(test.p);
    least.push_back(least_p_signed_rank(a.size()));
    verdicts.push_back({test.p, test.w_plus > n * (n + 1) / 4, a.size()});
  }
  const std::vector<double> corrected = holm(p_values);
  const std::vector<bool> too_few = too_few_to_tell(least);
  std::vector<std::optional<Verdict>> result;
  std::size_t at = 0;
  for (std::size_t i = 0; i < comparison.searchers.size(); ++i) {
    if (i == reference) {
      result.emplace_back();
      continue;
    }
    verdicts[at].p = corrected[at];
    verdicts[at].too_few = too_few[at];
    result.emplace_back(verdicts[at++]);
  }
  return result;
}

std::string text_of(const std::optional<Verdict>& verdict, bool maximize) {
  if (!verdict) return "reference";
  if (verdict->pairs == 0) return "no answers";
  if (verdict->too_few) return "too few runs to tell";
  if (verdict->p >= kSignificant) return "no difference shown";
  return verdict->larger == maximize ? "better" : "worse";
}

double rounded(double value, double scale) {
  return std::round(value * scale) / scale;
}

std::vector<Cell> comparison_row(const Comparison& comparison, std::size_t quantity,
                                 std::size_t index, const std::optional<Verdict>& verdict) {
  const ComparedQuantity& compared = comparison.quantities[quantity];
  const ComparedSearcher& searcher = comparison.searchers[index];
  const std::vector<double> values = finite_ones(values_of(comparison, searcher, quantity));
  std::vector<Cell> row;
  row.emplace_back(compared.column);
  row.emplace_back(compared.name);
  row.emplace_back(searcher.label);
  row.emplace_back(static_cast<std::int64_t>(values.size()));
  if (values.empty()) {
    row.resize(row.size() + 6);
  } else {
    const double average = mean(values);
    // Negative where a short training showed more than any full one of the table.
    double regret = compared.maximize ? compared.best - average : average - compared.best;
    // The last digits of a mean of equal values.
    constexpr double kDigits = 1e-12;
    if (std::abs(regret) < kDigits * std::abs(compared.best)) regret = 0;
    for (const double value : {average, sample_deviation(values), median(values),
                               quantile(values, 0.25), quantile(values, 0.75), regret}) {
      row.emplace_back(value);
    }
  }
  row.emplace_back(
      rounded(mean_of(searcher, [](const SimulatedRun& run) { return run.queries; }), 1e2));
  row.emplace_back(
      rounded(mean_of(searcher, [](const SimulatedRun& run) { return run.failed; }), 1e2));
  row.emplace_back(
      rounded(mean_of(searcher, [](const SimulatedRun& run) { return run.infeasible; }), 1e2));
  row.emplace_back(rounded(
      mean_of(searcher, [](const SimulatedRun& run) { return run.wall_microseconds; }), 1e2));
  row.emplace_back();
  if (verdict) row.back() = verdict->p;
  row.emplace_back(text_of(verdict, compared.maximize));
  return row;
}

double place_of(const Comparison& comparison, const Incumbent& incumbent) {
  return comparison.by_seconds ? incumbent.seconds : static_cast<double>(incumbent.query);
}

/// What the curves show: the hypervolume with several objectives, else the objective.
const ComparedQuantity& curve_quantity(const Comparison& comparison) {
  const ComparedQuantity& last = comparison.quantities.back();
  return last.hypervolume ? last : comparison.quantities.front();
}

/// The curves' quantity of each run once `spent` of the budget is spent, turned so that larger is
/// better; before the first answer -inf, and 0 for the hypervolume.
std::vector<double> merits_at(const Comparison& comparison, const ComparedSearcher& searcher,
                              double spent) {
  const ComparedQuantity& quantity = curve_quantity(comparison);
  const double sign = quantity.maximize ? 1 : -1;
  const double nothing = quantity.hypervolume ? 0 : -std::numeric_limits<double>::infinity();
  std::vector<double> merits;
  for (const SimulatedRun& run : searcher.runs) {
    const std::vector<Incumbent>& steps = quantity.hypervolume ? run.hypervolume : run.trajectory;
    const auto after = std::partition_point(
        steps.begin(), steps.end(),
        [&](const Incumbent& incumbent) { return place_of(comparison, incumbent) <= spent; });
    merits.push_back(after == steps.begin() ? nothing : sign * std::prev(after)->value);
  }
  return merits;
}

/// Rows of one front.
void add_front_rows(Table& table, const std::string& searcher, const Cell& run,
                    const std::vector<FrontPoint>& front) {
  for (const FrontPoint& point : front) {
    std::vector<Cell>& row = table.rows.emplace_back();
    row = {searcher, run, static_cast<std::int64_t>(point.row)};
    for (const double value : point.values) row.emplace_back(value);
    row.emplace_back(point.architecture);
  }
}

}  // namespace

Table comparison_table(const Comparison& comparison) {
  Table table{.kind = "search_comparison",
              .columns = {{.name = "quantity", .for_programs = true},
                          {.name = "name", .title = "quantity", .shrink = true},
                          {"searcher", "", true},
                          {"runs", ""},
                          {"mean", ""},
                          {"deviation", ""},
                          {.name = "median", .spare = true},
                          {.name = "q25", .spare = true},
                          {.name = "q75", .spare = true},
                          {"regret", ""},
                          {.name = "queries", .spare = true},
                          {.name = "failed", .spare = true},
                          {.name = "infeasible", .spare = true},
                          {.name = "us_per_query", .title = "us/query", .spare = true},
                          {"p_holm", "p (Holm)"},
                          {.name = "verdict", .whole = true}},
              .rows = {},
              .caption = {}};
  for (std::size_t quantity = 0; quantity < comparison.quantities.size(); ++quantity) {
    const auto verdicts = tests(comparison, quantity, reference_of(comparison, quantity));
    for (std::size_t i = 0; i < comparison.searchers.size(); ++i) {
      table.rows.push_back(comparison_row(comparison, quantity, i, verdicts[i]));
    }
  }
  table.caption = comparison.benchmark + ", " + format_short(comparison.budget, 6) +
                  (comparison.by_seconds ? " simulated seconds" : " queries") +
                  "; regret: of the mean to the best of the table";
  if (!comparison.constraints.empty()) {
    table.caption += " that meets " + join(comparison.constraints, " and ");
  }
  if (comparison.quantities.back().hypervolume) {
    table.caption += "; hypervolume: part of the box from the table's worst to its best values";
  }
  if (comparison.searchers.size() > 1) {
    table.caption += std::string("; p: two-sided signed-rank test by seed against the ") +
                     (comparison.against_best ? "best" : "first") + " searcher, Holm's correction";
  }
  if (comparison.stored_epochs) {
    table.caption +=
        "; short trainings are the nearest stored ones, not points of a learning curve";
  }
  return table;
}

Table comparison_runs_table(const Comparison& comparison) {
  Table table{.kind = "simulated_runs",
              .columns = {{"searcher", "", true},
                          {"run", ""},
                          {"queries", ""},
                          {"repeats", ""},
                          {"seconds", ""},
                          {"failed", ""},
                          {"infeasible", ""},
                          {"absent", ""}},
              .rows = {},
              .caption = {}};
  for (const ComparedQuantity& quantity : comparison.quantities) {
    table.columns.push_back(
        {quantity.column,
         quantity.name + (quantity.unit.empty() ? "" : " (" + quantity.unit + ")")});
  }
  table.columns.push_back({"row", ""});
  table.columns.push_back({"architecture", "", true});
  for (const ComparedSearcher& searcher : comparison.searchers) {
    for (std::size_t i = 0; i < searcher.runs.size(); ++i) {
      const SimulatedRun& run = searcher.runs[i];
      std::vector<Cell> row;
      row.emplace_back(searcher.label);
      row.emplace_back(static_cast<std::int64_t>(i));
      row.emplace_back(run.queries);
      row.emplace_back(run.repeats);
      row.emplace_back(run.seconds);
      row.emplace_back(run.failed);
      row.emplace_back(run.infeasible);
      row.emplace_back(run.absent);
      for (std::size_t q = 0; q < comparison.quantities.size(); ++q) {
        row.emplace_back(value_of(comparison, run, q));
      }
      row.emplace_back();
      if (run.answer) row.back() = static_cast<std::int64_t>(*run.answer);
      row.emplace_back(i < searcher.answers.size() ? searcher.answers[i] : std::string());
      table.rows.push_back(std::move(row));
    }
  }
  return table;
}

Table fronts_table(const Comparison& comparison) {
  Table table{.kind = "fronts", .columns = {{"searcher", "", true}, {"run"}, {"row"}}};
  for (std::size_t i = 0; i < comparison.objectives.size(); ++i) {
    table.columns.push_back({comparison.objectives[i], comparison.objective_names[i]});
  }
  table.columns.push_back({"architecture", "", true});
  add_front_rows(table, "(the table)", Cell(), comparison.front);
  for (const ComparedSearcher& searcher : comparison.searchers) {
    for (std::size_t i = 0; i < searcher.fronts.size(); ++i) {
      add_front_rows(table, searcher.label, static_cast<std::int64_t>(i), searcher.fronts[i]);
    }
  }
  return table;
}

Table anytime_table(const Comparison& comparison, int points) {
  Table table{.kind = "anytime",
              .columns = {{"searcher", "", true},
                          {comparison.by_seconds ? "seconds" : "queries", ""},
                          {"q10", ""},
                          {"q25", ""},
                          {"median", ""},
                          {"q75", ""},
                          {"q90", ""}},
              .rows = {},
              .caption = {}};
  const double sign = curve_quantity(comparison).maximize ? 1 : -1;
  for (const ComparedSearcher& searcher : comparison.searchers) {
    for (int i = 1; i <= points; ++i) {
      const double spent = comparison.budget * i / points;
      std::vector<double> merits = merits_at(comparison, searcher, spent);
      std::vector<Cell> row;
      row.emplace_back(searcher.label);
      row.emplace_back(spent);
      for (const double q : {0.1, 0.25, 0.5, 0.75, 0.9}) {
        const double value = quantile(merits, sign > 0 ? q : 1 - q);
        if (std::isfinite(value)) {
          row.emplace_back(sign * value);
        } else {
          row.emplace_back();
        }
      }
      table.rows.push_back(std::move(row));
    }
  }
  return table;
}

Plot anytime_plot(const Comparison& comparison, int points) {
  Plot plot;
  const ComparedQuantity& quantity = curve_quantity(comparison);
  const std::string metric = parse_column_query(quantity.column).metric;
  plot.title = comparison.benchmark + ": " + metric;
  plot.x.title = comparison.by_seconds ? "simulated training time (s)" : "queries";
  plot.x.whole = !comparison.by_seconds;
  plot.y = {"regret of " + metric + (quantity.unit.empty() ? "" : " (" + quantity.unit + ")"),
            true};
  const double sign = quantity.maximize ? 1 : -1;
  const double best = sign * quantity.best;
  double least = std::numeric_limits<double>::infinity();
  for (const ComparedSearcher& searcher : comparison.searchers) {
    PlotSeries series{searcher.label, {}, PlotMark::kLine, {}};
    for (int i = 1; i <= points; ++i) {
      const double spent = comparison.budget * i / points;
      const std::vector<double> merits = merits_at(comparison, searcher, spent);
      const double low = best - quantile(merits, 0.75), high = best - quantile(merits, 0.25);
      series.points.push_back({spent, best - median(merits), {}});
      series.band.push_back({spent, low, high});
      for (const double regret : {low, high, series.points.back().y}) {
        if (regret > 0) least = std::min(least, regret);
      }
    }
    plot.series.push_back(std::move(series));
  }
  // A regret of 0 has no place on a logarithmic axis: it lies on the floor.
  const double floor = std::isfinite(least) ? least / 2 : kNoRegret;
  bool floored = false;
  const auto raise = [&](double& regret) {
    if (!(regret < floor)) return;
    regret = floor;
    floored = true;
  };
  for (PlotSeries& series : plot.series) {
    for (PlotPoint& point : series.points) raise(point.y);
    for (PlotBand& part : series.band) {
      raise(part.low);
      raise(part.high);
    }
  }
  if (floored) plot.x.title += " (regret 0 is drawn at " + format_short(floor, 2) + ")";
  plot.note = quantity.column + "; medians and quartiles of " +
              counted(std::ssize(comparison.searchers[0].runs), "run");
  return plot;
}

std::vector<std::filesystem::path> write_comparison(const Comparison& comparison,
                                                    const std::filesystem::path& directory) {
  std::vector<AnswerFile> files = {
      {"comparison.csv", render(comparison_table(comparison), Format::kCsv)},
      {"comparison.json", render(comparison_table(comparison), Format::kJson)},
      {"runs.csv", render(comparison_runs_table(comparison), Format::kCsv)},
      {"curves.csv", render(anytime_table(comparison), Format::kCsv)},
      {"anytime.svg", render_svg(anytime_plot(comparison))}};
  if (!comparison.objectives.empty())
    files.push_back({"fronts.csv", render(fronts_table(comparison), Format::kCsv)});
  return write_files(directory, files);
}

}  // namespace nas
