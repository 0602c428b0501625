#include "gui/plots/curves_plot.h"

#include <QPainter>
#include <algorithm>
#include <cmath>
#include <set>

namespace nas {
namespace {

constexpr std::size_t kColored = 12;  ///< more series than this share one colour
constexpr double kReach = 12;

}  // namespace

CurvesPlot::CurvesPlot(QWidget* parent) : AxisPlot(parent) {
  setTitle(tr("Training curves"));
  setCounted(Qt::Horizontal);
}

void CurvesPlot::setCurves(std::vector<TrainingCurve> curves, const QString& x_title,
                           const QString& y_title) {
  curves_ = std::move(curves);
  points_ = skipped_ = 0;
  std::set<std::size_t> series;
  for (std::size_t i = 0; i < curves_.size(); ++i) series.insert(seriesOf(i));
  series_ = series.size();
  for (const TrainingCurve& curve : curves_) {
    for (std::size_t i = 0; i < std::min(curve.epochs.size(), curve.values.size()); ++i) {
      const bool good = std::isfinite(curve.epochs[i]) && std::isfinite(curve.values[i]);
      (good ? points_ : skipped_) += 1;
    }
  }
  setAxisTitles(x_title, y_title);
  scaleOf(Qt::Horizontal).setLogarithmic(false);
  scaleOf(Qt::Vertical).setLogarithmic(false);
  fitData();
  update();
}

void CurvesPlot::fitData() {
  std::vector<double> epochs, values;
  for (const TrainingCurve& curve : curves_) {
    const std::size_t count = std::min(curve.epochs.size(), curve.values.size());
    epochs.insert(epochs.end(), curve.epochs.begin(),
                  curve.epochs.begin() + static_cast<std::ptrdiff_t>(count));
    values.insert(values.end(), curve.values.begin(),
                  curve.values.begin() + static_cast<std::ptrdiff_t>(count));
  }
  fitTo(epochs, values);
}

void CurvesPlot::setRemark(const QString& remark) {
  remark_ = remark;
  update();
}

void CurvesPlot::setSelectionShown(bool shown) {
  selection_shown_ = shown;
  update();
}

QString CurvesPlot::note() const {
  if (curves_.empty()) return {};
  QString text = tr("Showing all of %1 trainings").arg(counted(series_));
  if (skipped_ > 0) text += tr("; %1 epochs without a finite value").arg(counted(skipped_));
  return remark_.isEmpty() ? text : text + "; " + remark_;
}

std::vector<LegendEntry> CurvesPlot::legend(const Theme& theme) const {
  std::vector<LegendEntry> entries;
  if (series_ > kColored) return entries;
  std::set<std::size_t> named;
  bool dashed = false;
  for (std::size_t i = 0; i < curves_.size(); ++i) {
    dashed = dashed || curves_[i].dashed;
    const std::size_t series = seriesOf(i);
    if (!named.insert(series).second) continue;
    entries.push_back(
        {curves_[i].name, theme.seriesColor(series), series, LegendMark::kMarkedLine});
  }
  if (dashed) entries.push_back({tr("training"), theme.muted, 0, LegendMark::kDashed});
  return entries;
}

bool CurvesPlot::chosen(const TrainingCurve& curve) const {
  return selection_shown_ && selection() != nullptr && curve.key &&
         selection()->contains(*curve.key);
}

void CurvesPlot::drawCurve(QPainter& painter, const TrainingCurve& curve,
                           const PlotFrame& frame) const {
  QPolygonF line;
  const auto flush = [&] {
    if (line.size() > 1) painter.drawPolyline(line);
    if (line.size() == 1) painter.drawPoint(line.front());
    line.clear();
  };
  for (std::size_t i = 0; i < std::min(curve.epochs.size(), curve.values.size()); ++i) {
    const QPointF at = frame.at(curve.epochs[i], curve.values[i]);
    // A gap where the value is missing: no line is drawn over it.
    if (std::isfinite(at.x()) && std::isfinite(at.y())) {
      line.append(at);
    } else {
      flush();
    }
  }
  flush();
}

/// A mark tells series apart without their colours.
void CurvesPlot::drawEnd(QPainter& painter, std::size_t curve, const PlotFrame& frame) const {
  const TrainingCurve& own = curves_[curve];
  for (std::size_t i = std::min(own.epochs.size(), own.values.size()); i-- > 0;) {
    const QPointF at = frame.at(own.epochs[i], own.values[i]);
    if (!std::isfinite(at.x()) || !std::isfinite(at.y())) continue;
    painter.setBrush(own.dashed ? frame.theme.background : painter.pen().color());
    painter.setPen(QPen(painter.pen().color(), 1.4));
    draw_mark(painter, seriesOf(curve), at, 3.6);
    painter.setBrush(Qt::NoBrush);
    return;
  }
}

void CurvesPlot::drawData(QPainter& painter, const PlotFrame& frame) {
  painter.setBrush(Qt::NoBrush);
  const bool many = series_ > kColored;
  const bool any = std::any_of(curves_.begin(), curves_.end(),
                               [this](const TrainingCurve& curve) { return chosen(curve); });
  for (std::size_t i = 0; i < curves_.size(); ++i) {
    if (chosen(curves_[i])) continue;
    QColor color = frame.theme.seriesColor(many ? 0 : seriesOf(i));
    color.setAlpha(any ? 70 : many ? 110 : 255);
    painter.setPen(QPen(color, many ? 1.1 : 2, curves_[i].dashed ? Qt::DashLine : Qt::SolidLine));
    drawCurve(painter, curves_[i], frame);
    if (!many) drawEnd(painter, i, frame);
  }
  for (const TrainingCurve& curve : curves_) {
    const bool pointed = selection() != nullptr && curve.key && selection()->hovered() == curve.key;
    if (!pointed && !chosen(curve)) continue;
    painter.setPen(QPen(pointed ? frame.theme.hover : frame.theme.selection, 2.6,
                        curve.dashed ? Qt::DashLine : Qt::SolidLine));
    drawCurve(painter, curve, frame);
  }
}

std::optional<AxisPlot::Hit> CurvesPlot::hitAt(QPointF at, const PlotFrame& frame) {
  double least = kReach * kReach;
  std::optional<Hit> hit;
  for (const TrainingCurve& curve : curves_) {
    for (std::size_t i = 0; i < std::min(curve.epochs.size(), curve.values.size()); ++i) {
      const QPointF place = frame.at(curve.epochs[i], curve.values[i]);
      const double distance = QPointF::dotProduct(place - at, place - at);
      if (std::isnan(distance) || distance >= least) continue;
      least = distance;
      hit =
          Hit{place,
              {curve.name,
               tr("epoch %1: %2").arg(number_text(curve.epochs[i]), number_text(curve.values[i]))},
              curve.key};
    }
  }
  return hit;
}

std::optional<std::vector<RowKey>> CurvesPlot::keysIn(QRectF area, const PlotFrame& frame) {
  std::vector<RowKey> keys;
  for (const TrainingCurve& curve : curves_) {
    if (!curve.key) continue;
    for (std::size_t i = 0; i < std::min(curve.epochs.size(), curve.values.size()); ++i) {
      if (!holds(area, frame.at(curve.epochs[i], curve.values[i]))) continue;
      keys.push_back(*curve.key);
      break;
    }
  }
  return keys;
}

}  // namespace nas
