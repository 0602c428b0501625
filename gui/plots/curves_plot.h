#pragma once

#include "gui/plots/axis_plot.h"

namespace nas {

/// A value over the epochs of one training.
struct TrainingCurve {
  QString name;
  std::optional<RowKey> key;  ///< the row that this training belongs to
  std::vector<double> epochs, values;
  /// Curves of one series have one colour and one entry of the legend: those of a trial. Unset: a
  /// series of its own.
  std::optional<std::size_t> series = std::nullopt;
  bool dashed = false;  ///< on the images that were trained on
};

/// Training curves: all as thin lines, the selected ones on top. Clicking a curve selects its row.
class CurvesPlot final : public AxisPlot {
  Q_OBJECT

 public:
  explicit CurvesPlot(QWidget* parent = nullptr);
  void setCurves(std::vector<TrainingCurve> curves, const QString& x_title, const QString& y_title);
  /// More for the line below.
  void setRemark(const QString& remark);
  /// Whether selected rows get the colour of the selection: not where all shown ones are selected.
  void setSelectionShown(bool shown);
  QString note() const override;

 protected:
  void drawData(QPainter& painter, const PlotFrame& frame) override;
  std::vector<LegendEntry> legend(const Theme& theme) const override;
  std::optional<Hit> hitAt(QPointF at, const PlotFrame& frame) override;
  std::optional<std::vector<RowKey>> keysIn(QRectF area, const PlotFrame& frame) override;
  bool brushesLive() const override { return true; }
  bool hasData() const override { return points_ > 0; }
  void fitData() override;

 private:
  bool chosen(const TrainingCurve& curve) const;
  std::size_t seriesOf(std::size_t curve) const { return curves_[curve].series.value_or(curve); }
  void drawCurve(QPainter& painter, const TrainingCurve& curve, const PlotFrame& frame) const;
  void drawEnd(QPainter& painter, std::size_t curve, const PlotFrame& frame) const;

  std::vector<TrainingCurve> curves_;
  QString remark_;
  bool selection_shown_ = true;
  std::size_t points_ = 0, skipped_ = 0;
  std::size_t series_ = 0;  ///< how many
};

}  // namespace nas
