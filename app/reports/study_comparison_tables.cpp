#include <algorithm>
#include <cmath>
#include <limits>

#include "app/presentation/answer_files.h"
#include "app/reports/study_comparison.h"
#include "app/simulation/significance.h"
#include "core/util/error.h"
#include "core/util/statistics.h"
#include "core/util/text.h"

namespace nas {
namespace {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
constexpr double kQuartiles[] = {0.25, 0.5, 0.75};

/// What methods are compared by; larger is better in `of`, `sign` turns it to the value shown.
struct Quantity {
  std::string key;  ///< of a column
  std::string name;
  double sign = 1;
  double (*of)(const ComparedStudy&);
};

std::vector<Quantity> quantities(const StudyComparison& comparison) {
  const Objective& first = comparison.objectives.front();
  std::vector<Quantity> result{{"best", "best " + first.metric, first.maximize ? 1.0 : -1.0,
                                [](const ComparedStudy& study) { return study.best; }}};
  if (comparison.has_hypervolume) {
    result.push_back({"hypervolume", "hypervolume", 1,
                      [](const ComparedStudy& study) { return study.hypervolume; }});
  }
  if (comparison.objectives.size() > 1) {
    result.push_back({"front_size", "front size", 1, [](const ComparedStudy& study) {
                        return static_cast<double>(study.front.size());
                      }});
  }
  return result;
}

/// Without the studies that found nothing.
std::vector<double> values_of(const ComparedMethod& method, const Quantity& quantity) {
  std::vector<double> values;
  for (const ComparedStudy& study : method.studies) {
    if (const double value = quantity.of(study); std::isfinite(value)) values.push_back(value);
  }
  return values;
}

std::size_t reference_of(const StudyComparison& comparison, const Quantity& quantity) {
  std::size_t reference = 0;
  double best = kNone;
  for (std::size_t i = 0; comparison.against_best && i < comparison.methods.size(); ++i) {
    const std::vector<double> values = values_of(comparison.methods[i], quantity);
    if (values.empty()) continue;
    const double value = median(values);
    if (!std::isnan(best) && value <= best) continue;
    best = value;
    reference = i;
  }
  return reference;
}

struct Verdict {
  double p = kNone;  ///< corrected; NaN for the reference
  std::string text = "reference";
};

std::vector<Verdict> verdicts(const StudyComparison& comparison, const Quantity& quantity) {
  const std::size_t reference = reference_of(comparison, quantity);
  const std::vector<double> base = values_of(comparison.methods[reference], quantity);
  std::vector<double> p_values, least;
  std::vector<bool> better;
  for (std::size_t i = 0; i < comparison.methods.size(); ++i) {
    if (i == reference) continue;
    const std::vector<double> other = values_of(comparison.methods[i], quantity);
    const RankSumTest test = rank_sum_test(other, base);
    p_values.push_back(test.p);
    least.push_back(least_p_rank_sum(other.size(), base.size()));
    better.push_back(2 * test.u > static_cast<double>(other.size() * base.size()));
  }
  const std::vector<double> corrected = holm(p_values);
  const std::vector<bool> too_few = too_few_to_tell(least);
  std::vector<Verdict> result(comparison.methods.size());
  for (std::size_t i = 0, at = 0; i < result.size(); ++i) {
    if (i == reference) continue;
    const std::string verdict = better[at] ? "better" : "worse";
    result[i] = {corrected[at], too_few[at]                     ? "too few runs to tell"
                                : corrected[at] >= kSignificant ? "no difference shown"
                                                                : verdict};
    ++at;
  }
  return result;
}

Cell number(double value) {
  return std::isfinite(value) ? Cell{value} : Cell{};
}

/// "the first 20 trials of each study"; what the numbers mean.
std::string caption_of(const StudyComparison& comparison) {
  std::string text = "the first " + std::to_string(comparison.trials) + " trials of each study";
  if (comparison.has_hypervolume) {
    text += "; hypervolume: share of the box from the worst to the best value of each objective";
  } else if (comparison.objectives.size() > 1) {
    text += "; the hypervolume of " + std::to_string(comparison.objectives.size()) +
            " objectives is not computed";
  }
  if (comparison.methods.size() > 1) {
    text += std::string("; p: two-sided rank-sum test against the ") +
            (comparison.against_best ? "best" : "first") + " method, Holm's correction";
  }
  if (!comparison.differences.empty()) {
    text += "; the methods differ in more than the searcher: " + join(comparison.differences, ", ");
  }
  return text;
}

/// A quantity that is followed from trial to trial.
struct Followed {
  std::string title;  ///< of a plot
  std::string axis;
  bool maximize = true;
  std::vector<double> (*by_trial)(const ComparedStudy&);  ///< larger is better; NaN: nothing yet
};

std::vector<double> best_by_trial(const ComparedStudy& study) {
  std::vector<double> result;
  double best = kNone;
  for (const std::vector<double>& merits : study.merits) {
    if (!merits.empty() && (std::isnan(best) || merits[0] > best)) best = merits[0];
    result.push_back(best);
  }
  return result;
}

Followed followed(const StudyComparison& comparison, Anytime quantity) {
  if (quantity == Anytime::kHypervolume) {
    return {"hypervolume so far", "share of the box from worst to best", true,
            [](const ComparedStudy& study) { return study.hypervolumes; }};
  }
  const Objective& first = comparison.objectives.front();
  return {"best " + first.metric + " so far", first.metric, first.maximize, best_by_trial};
}

/// By trial, then by study of a method: a study that has ended keeps what it has.
std::vector<std::vector<double>> curves_of(const ComparedMethod& method, const Followed& quantity,
                                           std::int64_t trials) {
  std::vector<std::vector<double>> result(static_cast<std::size_t>(trials));
  for (const ComparedStudy& study : method.studies) {
    const std::vector<double> reached = quantity.by_trial(study);
    for (std::size_t i = 0; i < result.size(); ++i) {
      result[i].push_back(reached.empty() ? kNone : reached[std::min(i, reached.size() - 1)]);
    }
  }
  return result;
}

/// Quantile of merits in which "nothing yet" is the worst; NaN where that is the answer.
double quantile_of(std::vector<double> merits, double q) {
  for (double& merit : merits) {
    if (std::isnan(merit)) merit = -std::numeric_limits<double>::infinity();
  }
  const double value = quantile(std::move(merits), q);
  return std::isfinite(value) ? value : kNone;
}

/// The second merit that a share `q` of the studies attains together with `first` or more of the
/// first; NaN where they do not.
double attained(const ComparedMethod& method, double first, double q) {
  std::vector<double> second;
  for (const ComparedStudy& study : method.studies) {
    double best = -std::numeric_limits<double>::infinity();
    for (const std::vector<double>& merits : study.front) {
      if (merits[0] >= first) best = std::max(best, merits[1]);
    }
    second.push_back(best);
  }
  std::sort(second.begin(), second.end(), std::greater<>());
  const auto needed =
      static_cast<std::size_t>(std::ceil(q * static_cast<double>(second.size()) - 1e-9));
  const double value = second[std::max<std::size_t>(needed, 1) - 1];
  return std::isfinite(value) ? value : kNone;
}

/// A staircase: each level holds from the place before up to its own.
PlotSeries attainment_series(const StudyComparison& comparison, const ComparedMethod& method) {
  const double x_sign = comparison.objectives[0].maximize ? 1 : -1;
  const double y_sign = comparison.objectives[1].maximize ? 1 : -1;
  std::vector<double> places;
  for (const ComparedStudy& study : method.studies) {
    for (const std::vector<double>& merits : study.front) places.push_back(merits[0]);
  }
  std::sort(places.begin(), places.end());
  places.erase(std::unique(places.begin(), places.end()), places.end());
  PlotSeries series{method.label, {}, PlotMark::kLine, {}};
  const auto add = [&](double place, double level) {
    const double half = attained(method, level, 0.5);
    if (!std::isnan(half)) series.points.push_back({x_sign * place, y_sign * half, {}});
    // What three quarters attain is the harder, hence worse, side.
    const double hard = attained(method, level, 0.75), easy = attained(method, level, 0.25);
    if (std::isnan(hard) || std::isnan(easy)) return;
    const double a = y_sign * hard, b = y_sign * easy;
    series.band.push_back({x_sign * place, std::min(a, b), std::max(a, b)});
  };
  for (std::size_t i = 0; i < places.size(); ++i) {
    if (i > 0) add(places[i - 1], places[i]);
    add(places[i], places[i]);
  }
  if (x_sign < 0) std::reverse(series.band.begin(), series.band.end());
  return series;
}

}  // namespace

Table study_comparison_table(const StudyComparison& comparison) {
  Table table{.kind = "study_comparison",
              .columns = {{"quantity", "", true},
                          {"method", "", true},
                          {"runs"},
                          {"mean"},
                          {"deviation"},
                          {"median"},
                          {"q25"},
                          {"q75"},
                          {"p_holm", "p (Holm)"},
                          {"verdict"}},
              .rows = {},
              .caption = caption_of(comparison)};
  for (const Quantity& quantity : quantities(comparison)) {
    const std::vector<Verdict> all = verdicts(comparison, quantity);
    for (std::size_t i = 0; i < comparison.methods.size(); ++i) {
      std::vector<double> values = values_of(comparison.methods[i], quantity);
      for (double& value : values) value *= quantity.sign;
      std::vector<Cell> row{quantity.name, comparison.methods[i].label,
                            static_cast<std::int64_t>(values.size())};
      if (values.empty()) {
        row.resize(row.size() + 5);
      } else {
        for (const double value : {mean(values), sample_deviation(values), median(values),
                                   quantile(values, 0.25), quantile(values, 0.75)}) {
          row.emplace_back(value);
        }
      }
      row.push_back(number(all[i].p));
      row.emplace_back(all[i].text);
      table.rows.push_back(std::move(row));
    }
  }
  return table;
}

Table compared_studies_table(const StudyComparison& comparison) {
  Table table{
      .kind = "compared_studies",
      .columns = {{"method", "", true}, {"study", "", true}, {"seed"}, {"trials"}, {"complete"}},
      .rows = {},
      .caption = {}};
  const std::vector<Quantity> all = quantities(comparison);
  for (const Quantity& quantity : all) table.columns.push_back({quantity.key, quantity.name});
  for (const ComparedMethod& method : comparison.methods) {
    for (const ComparedStudy& study : method.studies) {
      const auto complete =
          std::count_if(study.merits.begin(), study.merits.end(),
                        [](const std::vector<double>& merits) { return !merits.empty(); });
      std::vector<Cell> row{method.label, study.name, static_cast<std::int64_t>(study.seed),
                            static_cast<std::int64_t>(study.merits.size()),
                            static_cast<std::int64_t>(complete)};
      for (const Quantity& quantity : all)
        row.push_back(number(quantity.sign * quantity.of(study)));
      table.rows.push_back(std::move(row));
    }
  }
  return table;
}

Table study_curves_table(const StudyComparison& comparison, Anytime quantity) {
  Table table{.kind = "study_curves",
              .columns = {{"method", "", true}, {"trials"}, {"q25"}, {"median"}, {"q75"}},
              .rows = {},
              .caption = {}};
  const Followed what = followed(comparison, quantity);
  for (const ComparedMethod& method : comparison.methods) {
    std::int64_t trials = 0;
    for (const std::vector<double>& reached : curves_of(method, what, comparison.trials)) {
      std::vector<Cell> row{method.label, ++trials};
      for (const double q : kQuartiles) {
        const double value = quantile_of(reached, what.maximize ? q : 1 - q);
        row.push_back(number(what.maximize ? value : -value));
      }
      table.rows.push_back(std::move(row));
    }
  }
  return table;
}

Plot study_curves_plot(const StudyComparison& comparison, Anytime quantity) {
  const Followed what = followed(comparison, quantity);
  const double sign = what.maximize ? 1 : -1;
  Plot plot;
  plot.title = what.title;
  plot.x.title = "trials";
  plot.y.title = what.axis;
  for (const ComparedMethod& method : comparison.methods) {
    PlotSeries series{method.label, {}, PlotMark::kLine, {}};
    double x = 0;
    for (const std::vector<double>& reached : curves_of(method, what, comparison.trials)) {
      ++x;
      const double a = sign * quantile_of(reached, 0.25), b = sign * quantile_of(reached, 0.75);
      series.points.push_back({x, sign * quantile_of(reached, 0.5), {}});
      series.band.push_back({x, std::min(a, b), std::max(a, b)});
    }
    plot.series.push_back(std::move(series));
  }
  plot.note = "medians and quartiles over the studies of a method";
  return plot;
}

std::optional<Plot> attainment_plot(const StudyComparison& comparison) {
  if (comparison.objectives.size() != 2) return std::nullopt;
  Plot plot;
  plot.title = "attained by the studies of a method";
  plot.x.title = comparison.objectives[0].metric;
  plot.y.title = comparison.objectives[1].metric;
  for (const ComparedMethod& method : comparison.methods) {
    plot.series.push_back(attainment_series(comparison, method));
  }
  plot.note = "lines: what half of the studies attain; bands: a quarter to three quarters of them";
  return plot;
}

std::vector<std::filesystem::path> write_study_comparison(const StudyComparison& comparison,
                                                          const std::filesystem::path& directory) {
  std::vector<AnswerFile> files = {
      {"comparison.csv", render(study_comparison_table(comparison), Format::kCsv)},
      {"comparison.json", render(study_comparison_table(comparison), Format::kJson)},
      {"studies.csv", render(compared_studies_table(comparison), Format::kCsv)},
      {"curves.csv", render(study_curves_table(comparison), Format::kCsv)},
      {"anytime.svg", render_svg(study_curves_plot(comparison))}};
  if (comparison.has_hypervolume) {
    constexpr Anytime kVolume = Anytime::kHypervolume;
    files.push_back(
        {"hypervolume.csv", render(study_curves_table(comparison, kVolume), Format::kCsv)});
    files.push_back({"hypervolume.svg", render_svg(study_curves_plot(comparison, kVolume))});
  }
  if (const auto plot = attainment_plot(comparison)) {
    files.push_back({"attainment.svg", render_svg(*plot)});
  }
  return write_files(directory, files);
}

}  // namespace nas
