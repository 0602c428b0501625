#include "gui/plots/truth_plot.h"

#include <QPainter>
#include <algorithm>
#include <cmath>

#include "core/util/statistics.h"

namespace nas {

TruthPlot::TruthPlot(QWidget* parent) : ScatterPlot(parent) {
  setTitle(tr("Prediction against truth"));
  setFrontShown(false);
}

void TruthPlot::setForecast(PlotColumn predicted, PlotColumn truth, bool same_unit, RowKeys keys) {
  same_unit_ = same_unit;
  std::vector<double> scores, values;
  for (std::size_t row = 0; row < std::min(predicted.size(), truth.size()); ++row) {
    const double score = predicted.span()[row], value = truth.span()[row];
    if (!std::isfinite(score) || !std::isfinite(value)) continue;
    scores.push_back(score);
    values.push_back(value);
  }
  pairs_ = scores.size();
  rho_ = spearman(scores, values);
  tau_ = kendall_tau_b(scores, values);
  setData(std::move(predicted), std::move(truth), std::move(keys));
}

void TruthPlot::setRemark(const QString& remark) {
  remark_ = remark;
  update();
}

QString TruthPlot::note() const {
  const QString text = ScatterPlot::note();
  return remark_.isEmpty() || text.isEmpty() ? text : text + "; " + remark_;
}

std::vector<LegendEntry> TruthPlot::legend(const Theme& theme) const {
  std::vector<LegendEntry> entries = ScatterPlot::legend(theme);
  if (same_unit_ && hasData())
    entries.push_back({tr("perfect"), theme.bound, 0, LegendMark::kDashed});
  return entries;
}

void TruthPlot::drawData(QPainter& painter, const PlotFrame& frame) {
  if (same_unit_) {
    // A curve where one axis is logarithmic: followed pixel by pixel.
    QPolygonF diagonal;
    for (double x = frame.area.left(); x <= frame.area.right(); x += 2) {
      const double value = frame.x.value((x - frame.area.left()) / frame.area.width());
      const double y = frame.y_at(value);
      if (!std::isnan(y)) diagonal.append({x, y});
    }
    painter.setBrush(Qt::NoBrush);
    painter.setPen(QPen(frame.theme.bound, 1.4, Qt::DashLine));
    painter.drawPolyline(diagonal);
  }
  ScatterPlot::drawData(painter, frame);
  const auto text = [](std::optional<double> value) {
    return value ? QString::number(*value, 'f', 3) : tr("undefined");
  };
  const QStringList lines{tr("Spearman ρ  %1").arg(text(rho_)), tr("Kendall τ  %1").arg(text(tau_)),
                          tr("n  %1").arg(counted(pairs_))};
  const QFontMetricsF metrics(painter.font());
  double width = 0;
  for (const QString& line : lines) width = std::max(width, metrics.horizontalAdvance(line));
  QRectF card(frame.area.topLeft() + QPointF(10, 10),
              QSizeF(width + 20, 3 * metrics.lineSpacing() + 12));
  QColor back = frame.theme.surface;
  back.setAlpha(230);
  painter.setPen(QPen(frame.theme.grid, 1));
  painter.setBrush(back);
  painter.drawRoundedRect(card, 6, 6);
  painter.setPen(frame.theme.text);
  for (qsizetype i = 0; i < lines.size(); ++i) {
    painter.drawText(
        card.topLeft() +
            QPointF(10, 6 + metrics.ascent() + static_cast<double>(i) * metrics.lineSpacing()),
        lines[i]);
  }
}

}  // namespace nas
