#pragma once

#include "gui/plots/axis_plot.h"

namespace nas {

/// A column's histogram with its cumulative distribution (line, right axis). A brush selects the
/// rows of an interval; selected rows are drawn into the bars.
class DistributionPlot final : public AxisPlot {
  Q_OBJECT

 public:
  explicit DistributionPlot(QWidget* parent = nullptr);
  void setData(PlotColumn column, RowKeys keys = {});
  QString note() const override;

  std::size_t binCount() const { return bins_.size(); }
  std::size_t rowsIn(std::size_t bin) const { return bins_[bin].rows; }

 protected:
  void drawData(QPainter& painter, const PlotFrame& frame) override;
  std::vector<LegendEntry> legend(const Theme& theme) const override;
  std::optional<Hit> hitAt(QPointF at, const PlotFrame& frame) override;
  std::optional<std::vector<RowKey>> keysIn(QRectF area, const PlotFrame& frame) override;
  bool brushesLive() const override { return column_.size() <= 50'000; }
  bool hasData() const override { return !sorted_.empty(); }
  bool brushesInterval() const override { return true; }
  void selectionChanged() override;
  void viewChanged() override;

 private:
  struct Bin {
    double low, high;
    std::size_t rows = 0, selected = 0;
  };
  void countBins();
  std::size_t binOf(double value) const;
  void drawCumulative(QPainter& painter, const PlotFrame& frame) const;

  PlotColumn column_;
  RowKeys keys_;
  std::vector<double> sorted_;  ///< finite values, ascending
  std::vector<Bin> bins_;
  std::size_t skipped_ = 0;
  bool binned_log_ = false;
};

}  // namespace nas
