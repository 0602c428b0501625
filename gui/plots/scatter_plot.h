#pragma once

#include <functional>
#include <optional>

#include "core/util/interval.h"
#include "gui/plots/axis_plot.h"
#include "gui/plots/density_layer.h"

namespace nas {

/// A bound of an objective: at x = value when vertical, else at y = value.
struct ConstraintLine {
  double value = 0;
  bool vertical = true;
  QString label;
  bool upper = true;  ///< larger values miss it; else smaller ones
};

/// Where the values of a row may lie.
struct RowIntervals {
  RowKey key = 0;
  std::optional<Interval> x, y;
};

/// Two columns against each other, with the Pareto front and constraint lines. Up to some thousand
/// rows are marks; more are counted for each pixel, so that a million rows are all shown and still
/// pan smoothly.
class ScatterPlot : public AxisPlot {
  Q_OBJECT

 public:
  explicit ScatterPlot(QWidget* parent = nullptr);

  /// Requires columns of equal length.
  void setData(PlotColumn x, PlotColumn y, RowKeys keys = {});
  void setConstraints(std::vector<ConstraintLine> lines);
  /// 1 for each row that meets all constraints: the others are crossed and take no part in the
  /// front. Empty: all do. After `setData`.
  void setFeasible(std::vector<std::uint8_t> by_row);
  /// Bars through the marks of the front, and what the card of a row says. After `setData`, which
  /// forgets them.
  void setIntervals(std::vector<RowIntervals> intervals);
  void setFrontShown(bool shown);
  void fitFront();           ///< zooms to the Pareto front; the key F
  void walkFront(int step);  ///< makes the next row of the front the current one; N and P
  /// First line of the card of a row: its architecture's text, say.
  void setDescription(std::function<QString(RowKey)> describe) { describe_ = std::move(describe); }

  /// Rows of the Pareto front, ascending by x.
  const std::vector<std::size_t>& front() const { return front_; }
  std::vector<RowKey> frontKeys() const;
  QString note() const override;

 protected:
  void drawData(QPainter& painter, const PlotFrame& frame) override;
  std::vector<LegendEntry> legend(const Theme& theme) const override;
  std::optional<Hit> hitAt(QPointF at, const PlotFrame& frame) override;
  std::optional<std::vector<RowKey>> keysIn(QRectF area, const PlotFrame& frame) override;
  bool hasData() const override { return shown_ > 0; }
  bool brushesLive() const override;
  void selectionChanged() override;
  void fitData() override;
  void fillMenu(QMenu& menu) override;
  void keyPressEvent(QKeyEvent* event) override;

  const PlotColumn& xColumn() const { return x_; }
  const PlotColumn& yColumn() const { return y_; }

 private:
  bool countsPixels() const;
  /// One selected row, which a click makes, is marked; only several make the others step back.
  bool dims() const { return selected_count_ > 1; }
  bool feasible(std::size_t row) const { return feasible_.empty() || feasible_[row] != 0; }
  void findFront();
  void drawDensity(QPainter& painter, const PlotFrame& frame);
  void drawMarks(QPainter& painter, const PlotFrame& frame) const;
  void drawFront(QPainter& painter, const PlotFrame& frame) const;
  void drawIntervals(QPainter& painter, const PlotFrame& frame) const;
  void shadeBeyond(QPainter& painter, const ConstraintLine& line, double at,
                   const PlotFrame& frame) const;
  void drawConstraints(QPainter& painter, const PlotFrame& frame) const;
  void drawPointed(QPainter& painter, const PlotFrame& frame) const;
  void transformColumns();
  QPointF place(std::size_t row, const PlotFrame& frame) const;

  PlotColumn x_, y_;
  RowKeys keys_;
  std::vector<double> x_units_, y_units_;  ///< in the units of the scales, kept while panning
  bool log_x_ = false, log_y_ = false;     ///< what the units were made for
  std::vector<std::uint8_t> selected_;     ///< by row; empty: nothing is selected
  std::size_t selected_count_ = 0;
  std::vector<double> chosen_x_, chosen_y_;  ///< units of the selected rows
  std::vector<std::uint8_t> feasible_;       ///< by row; empty: all are
  std::size_t infeasible_ = 0;               ///< among the shown rows
  std::vector<std::size_t> front_;
  std::vector<RowIntervals> intervals_;
  std::vector<std::size_t> not_positive_;  ///< rows without a place on some logarithmic axis
  std::vector<ConstraintLine> lines_;
  std::function<QString(RowKey)> describe_;
  std::size_t shown_ = 0;    ///< rows with two finite values
  std::size_t skipped_ = 0;  ///< rows without
  bool front_shown_ = true;
  DensityLayer density_;
};

}  // namespace nas
