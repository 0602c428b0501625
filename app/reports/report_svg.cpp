#include <algorithm>
#include <cmath>
#include <map>
#include <optional>

#include "app/objectives/front.h"
#include "app/presentation/plot.h"
#include "app/presentation/plot_axis.h"
#include "app/reports/report.h"
#include "core/problems/data_kinds.h"
#include "core/util/statistics.h"
#include "core/util/text.h"

namespace nas {
namespace {

constexpr std::size_t kMostDots = 20'000;

std::string axis_title(const MetricKey& key, bool with_unit = true) {
  const MetricInfo& info = metric_info(key.name);
  std::string title(info.title);
  if (!key.device.empty()) title += " on " + key.device;
  if (with_unit && !info.unit.empty()) title += " (" + std::string(info.unit) + ")";
  return title;
}

/// The metric whose course a training curve shows first; null: it has none.
const MetricInfo* judged_by(const std::vector<CurvePoint>& curve) {
  const auto find = [&curve](std::string (*name_of)(std::string_view)) -> const MetricInfo* {
    for (const MetricInfo& metric : problem_metrics()) {
      const std::string name = name_of(metric.name);
      const auto named = [&name](const CurvePoint& point) { return point.name == name; };
      if (std::any_of(curve.begin(), curve.end(), named)) return &metric;
    }
    return nullptr;
  };
  const MetricInfo* held_out = find([](std::string_view metric) { return std::string(metric); });
  return held_out != nullptr ? held_out : find(train_name);
}

/// "params < 600k".
std::string bound_label(const Constraint& constraint) {
  const std::string text = to_string(constraint);
  return text.substr(0, text.rfind(' ') + 1) + tick_label(constraint.bound);
}

struct Axes {
  Objective x, y;
};

/// Second objective over first; a single objective is drawn over the parameters.
Axes choose_axes(const StudyData& study) {
  const Objective y = parse_objective(study.config.objectives.at(0));
  if (study.config.objectives.size() > 1) return {parse_objective(study.config.objectives[1]), y};
  return {parse_objective(y.metric == "params" ? "macs" : "params"), y};
}

std::optional<Interval> interval_of(const TrialSummary& trial, const MetricKey& key) {
  const auto found = trial.intervals.find(key);
  return found == trial.intervals.end() ? std::nullopt : std::optional(found->second);
}

/// Dots are many, and their bars would hide them.
std::vector<PlotPoint> without_intervals(std::vector<PlotPoint> points) {
  for (PlotPoint& point : points) point.x_interval = point.y_interval = std::nullopt;
  return points;
}

/// True when the values span more than a factor of 20: then a logarithmic axis shows more.
bool wide(const std::vector<PlotPoint>& points) {
  if (points.empty()) return false;
  const auto [least, most] =
      std::minmax_element(points.begin(), points.end(),
                          [](const PlotPoint& a, const PlotPoint& b) { return a.x < b.x; });
  return least->x > 0 && most->x > 20 * least->x;
}

std::vector<PlotPoint> front_of(const std::vector<PlotPoint>& points, const Axes& axes) {
  std::vector<std::vector<double>> minimised;
  for (const PlotPoint& point : points) {
    minimised.push_back(
        {axes.x.maximize ? -point.x : point.x, axes.y.maximize ? -point.y : point.y});
  }
  std::vector<PlotPoint> front;
  for (const std::size_t index : pareto_front(minimised)) front.push_back(points[index]);
  std::sort(front.begin(), front.end(), [](const PlotPoint& a, const PlotPoint& b) {
    return std::pair(a.x, a.y) < std::pair(b.x, b.y);
  });
  return front;
}

}  // namespace

std::string pareto_svg(const StudyData& study) {
  const Axes axes = choose_axes(study);
  const MetricKey x = parse_metric(axes.x.metric);
  const MetricKey y = parse_metric(axes.y.metric);
  std::vector<PlotPoint> feasible;
  std::vector<PlotPoint> infeasible;
  for (const TrialSummary& trial : summaries(study)) {
    const auto at_x = trial.values.find(x);
    const auto at_y = trial.values.find(y);
    if (at_x == trial.values.end() || at_y == trial.values.end()) continue;
    if (!std::isfinite(at_x->second) || !std::isfinite(at_y->second)) continue;
    const PlotPoint point{
        .x = at_x->second,
        .y = at_y->second,
        .label = "trial " + std::to_string(trial.number) + ": " + trial.architecture,
        .x_interval = interval_of(trial, x),
        .y_interval = interval_of(trial, y)};
    if (trial.state == TrialState::kComplete) feasible.push_back(point);
    if (trial.state == TrialState::kInfeasible) infeasible.push_back(point);
  }
  Plot plot;
  plot.title = study.row.spec.name + ": " + axis_title(y, false) + " over " + axis_title(x, false);
  plot.x = {axis_title(x), wide(feasible)};
  plot.y = {axis_title(y), false};
  const std::vector<PlotPoint> front = front_of(feasible, axes);
  const std::size_t drawn = std::min(feasible.size(), kMostDots);
  if (drawn < feasible.size()) {
    plot.note = "showing the last " + format_count(static_cast<std::int64_t>(drawn)) + " of " +
                format_count(static_cast<std::int64_t>(feasible.size())) + " trials";
    feasible.erase(feasible.begin(), feasible.end() - static_cast<std::ptrdiff_t>(drawn));
  }
  plot.series.push_back({"trials", without_intervals(std::move(feasible)), PlotMark::kFaintDots});
  plot.series.push_back({.name = "Pareto front",
                         .points = front,
                         .mark = PlotMark::kFront,
                         .maximize_x = axes.x.maximize});
  if (!infeasible.empty()) {
    plot.series.push_back(
        {"infeasible", without_intervals(std::move(infeasible)), PlotMark::kHollowDots});
  }
  for (const Constraint& constraint : study.constraints) {
    if (constraint.metric != x && constraint.metric != y) continue;
    plot.lines.push_back({constraint.bound, constraint.metric == x, bound_label(constraint)});
  }
  return render_svg(plot);
}

std::string best_so_far_svg(const std::vector<StudyData>& studies) {
  Plot plot;
  plot.title = "Best so far";
  plot.x = {.title = "trial", .whole = true};
  for (const StudyData& study : studies) {
    const Objective objective = parse_objective(study.config.objectives.at(0));
    if (plot.y.title.empty()) plot.y.title = axis_title(parse_metric(objective.metric));
    PlotSeries series{study.row.spec.name, {}, PlotMark::kSteps};
    for (const BestSoFar& point : best_so_far(study)) {
      series.points.push_back({static_cast<double>(point.trial), point.value, ""});
    }
    if (!series.points.empty() && !study.trials.empty()) {
      series.points.push_back(
          {static_cast<double>(study.trials.back().number), series.points.back().y, ""});
    }
    plot.series.push_back(std::move(series));
  }
  return render_svg(plot);
}

std::optional<std::string> hypervolume_svg(const StudyData& study) {
  constexpr std::size_t kMostObjectives = 3;
  std::vector<Objective> objectives;
  for (const std::string& text : study.config.objectives) {
    objectives.push_back(parse_objective(text));
  }
  if (objectives.size() < 2 || objectives.size() > kMostObjectives) return std::nullopt;
  std::vector<std::vector<double>> steps, all;
  for (const TrialRow& trial : study.trials) {
    std::optional<std::vector<double>> found;
    if (trial.state == TrialState::kComplete) found = merits(objectives, to_values(trial.metrics));
    if (found) all.push_back(*found);
    steps.push_back(found.value_or(std::vector<double>()));
  }
  PlotSeries series{"", {}, PlotMark::kSteps};
  const std::vector<double> volumes = hypervolume_so_far(TableFront(std::move(all)), steps);
  for (std::size_t i = 0; i < volumes.size(); ++i) {
    const bool same = !series.points.empty() && series.points.back().y == volumes[i];
    if ((steps[i].empty() || same) && i + 1 < volumes.size()) continue;
    series.points.push_back({static_cast<double>(study.trials[i].number), volumes[i], ""});
  }
  Plot plot;
  plot.title = study.row.spec.name + ": hypervolume so far";
  plot.x = {.title = "trial", .whole = true};
  plot.y = {"share of the box from worst to best"};
  plot.series.push_back(std::move(series));
  return render_svg(plot);
}

std::string curve_svg(const std::vector<CurvePoint>& curve, std::string_view title) {
  std::map<std::string, std::vector<PlotPoint>> by_name;
  for (const CurvePoint& point : curve) {
    by_name[point.name].push_back({static_cast<double>(point.epoch), point.value, ""});
  }
  // One axis, one unit: the first metric of the problem where there is one, otherwise everything.
  const MetricInfo* metric = judged_by(curve);
  Plot plot;
  plot.title = std::string(title);
  plot.x = {.title = "epoch", .whole = true};
  plot.y.title = metric == nullptr ? "value" : axis_title({std::string(metric->name), ""});
  const auto add = [&plot](const std::string& name, std::vector<PlotPoint>& points) {
    const PlotMark mark = points.size() > 40 ? PlotMark::kLine : PlotMark::kLineAndDots;
    plot.series.push_back({name, std::move(points), mark});
  };
  if (metric == nullptr) {
    for (auto& [name, points] : by_name) add(name, points);
    return render_svg(plot);
  }
  const std::pair<std::string, const char*> parts[] = {{std::string(metric->name), "validation"},
                                                       {test_name(metric->name), "test"},
                                                       {train_name(metric->name), "training"}};
  for (const auto& [name, part] : parts) {
    const auto found = by_name.find(name);
    if (found != by_name.end()) add(part, found->second);
  }
  return render_svg(plot);
}

}  // namespace nas
