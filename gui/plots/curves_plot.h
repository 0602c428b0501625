#pragma once

#include "gui/plots/axis_plot.h"

namespace nas {

/// A value over the epochs of one training.
struct TrainingCurve {
  QString name;
  std::optional<RowKey> key;  ///< the row that this training belongs to
  std::vector<double> epochs, values;
};

/// Training curves: all as thin lines, the selected ones on top. Clicking a curve selects its row.
class CurvesPlot final : public AxisPlot {
  Q_OBJECT

 public:
  explicit CurvesPlot(QWidget* parent = nullptr);
  void setCurves(std::vector<TrainingCurve> curves, const QString& x_title, const QString& y_title);
  QString note() const override;

 protected:
  void drawData(QPainter& painter, const PlotFrame& frame) override;
  std::vector<LegendEntry> legend(const Theme& theme) const override;
  std::optional<Hit> hitAt(QPointF at, const PlotFrame& frame) override;
  std::optional<std::vector<RowKey>> keysIn(QRectF area, const PlotFrame& frame) override;
  bool brushesLive() const override { return true; }
  bool hasData() const override { return points_ > 0; }

 private:
  bool chosen(const TrainingCurve& curve) const;
  void drawCurve(QPainter& painter, const TrainingCurve& curve, const PlotFrame& frame) const;

  std::vector<TrainingCurve> curves_;
  std::size_t points_ = 0, skipped_ = 0;
};

}  // namespace nas
