#include "gui/plots/best_plot.h"

#include <QPainter>
#include <algorithm>
#include <cmath>

#include "core/util/statistics.h"

namespace nas {
namespace {

/// The steps of a run: its best so far after each evaluation with a finite value.
struct Steps {
  std::vector<double> cost, best;
};

Steps steps_of(const SearchRun& run, bool maximize) {
  Steps steps;
  for (std::size_t i = 0; i < run.values.size(); ++i) {
    const double value = run.values[i];
    const double cost = i < run.cost.size() ? run.cost[i] : static_cast<double>(i + 1);
    if (!std::isfinite(value) || !std::isfinite(cost)) continue;
    const double best = steps.best.empty() ? value
                        : maximize         ? std::max(steps.best.back(), value)
                                           : std::min(steps.best.back(), value);
    steps.cost.push_back(cost);
    steps.best.push_back(best);
  }
  return steps;
}

/// The places where the band is worked out: where any run has a step, thinned evenly.
std::vector<double> places_of(const std::vector<Steps>& runs, std::size_t most) {
  std::vector<double> places;
  double begin = 0;
  for (const Steps& run : runs) {
    places.insert(places.end(), run.cost.begin(), run.cost.end());
    begin = std::max(begin, run.cost.front());
  }
  std::sort(places.begin(), places.end());
  places.erase(std::unique(places.begin(), places.end()), places.end());
  places.erase(places.begin(), std::lower_bound(places.begin(), places.end(), begin));
  if (places.size() <= most) return places;
  std::vector<double> thinned;
  for (std::size_t i = 0; i < most; ++i) {
    thinned.push_back(places[i * (places.size() - 1) / (most - 1)]);
  }
  return thinned;
}

/// Rows of a step function: horizontal, then vertical.
QPolygonF step_line(const std::vector<double>& cost, const std::vector<double>& values,
                    const PlotFrame& frame) {
  QPolygonF line;
  for (std::size_t i = 0; i < cost.size(); ++i) {
    const QPointF at = frame.at(cost[i], values[i]);
    if (std::isnan(at.x()) || std::isnan(at.y())) continue;
    if (!line.isEmpty()) line.append(QPointF(at.x(), line.back().y()));
    line.append(at);
  }
  return line;
}

QPolygonF band_area(const std::vector<double>& cost, const std::vector<double>& low,
                    const std::vector<double>& high, const PlotFrame& frame) {
  QPolygonF area = step_line(cost, low, frame);
  const QPolygonF back = step_line(cost, high, frame);
  for (qsizetype i = back.size() - 1; i >= 0; --i) area.append(back[i]);
  return area;
}

}  // namespace

BestBand best_band(const SearchMethod& method, bool maximize, std::size_t most_points) {
  std::vector<Steps> runs;
  for (const SearchRun& run : method.runs) {
    Steps steps = steps_of(run, maximize);
    if (!steps.cost.empty()) runs.push_back(std::move(steps));
  }
  BestBand band;
  if (runs.empty()) return band;
  band.cost = places_of(runs, std::max<std::size_t>(most_points, 2));
  std::vector<std::size_t> reached(runs.size(), 0);
  for (const double place : band.cost) {
    std::vector<double> bests;
    for (std::size_t run = 0; run < runs.size(); ++run) {
      const std::vector<double>& cost = runs[run].cost;
      std::size_t& step = reached[run];
      while (step + 1 < cost.size() && cost[step + 1] <= place) ++step;
      bests.push_back(runs[run].best[step]);
    }
    band.low.push_back(quantile(bests, 0.25));
    band.median.push_back(quantile(bests, 0.5));
    band.high.push_back(quantile(bests, 0.75));
    band.lowest.push_back(*std::min_element(bests.begin(), bests.end()));
    band.highest.push_back(*std::max_element(bests.begin(), bests.end()));
  }
  return band;
}

BestPlot::BestPlot(QWidget* parent) : AxisPlot(parent) {
  setTitle(tr("Best so far"));
}

void BestPlot::setMethods(const std::vector<SearchMethod>& methods, const QString& cost_title,
                          const QString& value_title, bool maximize) {
  entries_.clear();
  skipped_ = empty_runs_ = 0;
  cost_title_ = cost_title;
  std::vector<double> costs, values;
  for (const SearchMethod& method : methods) {
    Entry entry{method.name, 0, best_band(method, maximize)};
    for (const SearchRun& run : method.runs) {
      const auto bad = std::count_if(run.values.begin(), run.values.end(),
                                     [](double value) { return !std::isfinite(value); });
      skipped_ += static_cast<std::size_t>(bad);
      const bool empty = static_cast<std::size_t>(bad) == run.values.size();
      (empty ? empty_runs_ : entry.runs) += 1;
    }
    values.insert(values.end(), entry.band.lowest.begin(), entry.band.lowest.end());
    values.insert(values.end(), entry.band.highest.begin(), entry.band.highest.end());
    costs.insert(costs.end(), entry.band.cost.begin(), entry.band.cost.end());
    entries_.push_back(std::move(entry));
  }
  setAxisTitles(cost_title, value_title);
  setCounted(Qt::Horizontal, std::all_of(costs.begin(), costs.end(),
                                         [](double cost) { return cost == std::floor(cost); }));
  scaleOf(Qt::Horizontal).setLogarithmic(false);
  scaleOf(Qt::Vertical).setData(values);
  // A score of 0 before the first good one must not press all others onto the axis.
  const std::size_t all = values.size();
  std::erase_if(values, [](double value) { return !(value > 0); });
  scaleOf(Qt::Vertical).setLogarithmic(values.size() * 2 > all && spans_magnitudes(values));
  fitData();
  update();
}

void BestPlot::fitData() {
  std::vector<double> costs, values;
  for (const Entry& entry : entries_) {
    for (const std::vector<double>* line :
         {&entry.band.lowest, &entry.band.median, &entry.band.highest}) {
      costs.insert(costs.end(), entry.band.cost.begin(), entry.band.cost.end());
      values.insert(values.end(), line->begin(), line->end());
    }
  }
  fitTo(costs, values);
}

bool BestPlot::hasData() const {
  return std::any_of(entries_.begin(), entries_.end(),
                     [](const Entry& entry) { return !entry.band.cost.empty(); });
}

QString BestPlot::note() const {
  if (!hasData()) return {};
  const bool several = std::any_of(entries_.begin(), entries_.end(),
                                   [](const Entry& entry) { return entry.runs > 1; });
  QString text = several ? tr("Median over seeds; dark band: quartiles, pale band: worst to best")
                         : tr("One run each");
  if (skipped_ > 0) text += tr("; without a finite value: %1").arg(counted(skipped_));
  if (empty_runs_ > 0) text += tr("; %1 runs without any value").arg(counted(empty_runs_));
  return text;
}

std::vector<LegendEntry> BestPlot::legend(const Theme& theme) const {
  std::vector<LegendEntry> entries;
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    const Entry& entry = entries_[i];
    const QString name =
        entry.runs > 1 ? tr("%1 (%2 seeds)").arg(entry.name).arg(entry.runs) : entry.name;
    entries.push_back({name, theme.seriesColor(i), i, LegendMark::kMarkedLine});
  }
  return entries;
}

void BestPlot::drawData(QPainter& painter, const PlotFrame& frame) {
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    if (entries_[i].runs < 2) continue;
    const BestBand& band = entries_[i].band;
    QColor color = frame.theme.seriesColor(i);
    painter.setPen(Qt::NoPen);
    color.setAlpha(28);
    painter.setBrush(color);
    painter.drawPolygon(band_area(band.cost, band.lowest, band.highest, frame));
    color.setAlpha(58);
    painter.setBrush(color);
    painter.drawPolygon(band_area(band.cost, band.low, band.high, frame));
  }
  painter.setBrush(Qt::NoBrush);
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    const BestBand& band = entries_[i].band;
    painter.setPen(
        QPen(frame.theme.seriesColor(i), 2.2, Qt::SolidLine, Qt::FlatCap, Qt::RoundJoin));
    const QPolygonF line = step_line(band.cost, band.median, frame);
    painter.drawPolyline(line);
    // A mark at the end tells lines apart without colours.
    if (line.isEmpty()) continue;
    painter.setBrush(frame.theme.seriesColor(i));
    draw_mark(painter, i, line.back(), 3.6);
    painter.setBrush(Qt::NoBrush);
  }
}

std::optional<AxisPlot::Hit> BestPlot::hitAt(QPointF at, const PlotFrame& frame) {
  const double cost = frame.x.value((at.x() - frame.area.left()) / frame.area.width());
  QStringList lines{cost_title_ + ": " + number_text(cost)};
  for (const Entry& entry : entries_) {
    const std::vector<double>& costs = entry.band.cost;
    const auto next = std::upper_bound(costs.begin(), costs.end(), cost);
    if (next == costs.begin()) continue;
    const auto i = static_cast<std::size_t>(next - costs.begin()) - 1;
    QString line = entry.name + ": " + number_text(entry.band.median[i]);
    if (entry.runs > 1) {
      line +=
          tr("  (%1 to %2)").arg(number_text(entry.band.low[i]), number_text(entry.band.high[i]));
    }
    lines.append(line);
  }
  if (lines.size() == 1) return std::nullopt;
  return Hit{at, lines, std::nullopt};
}

}  // namespace nas
