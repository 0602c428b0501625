#pragma once

#include "gui/plots/axis_plot.h"

namespace nas {

/// One run: what each evaluation gave, in order. `cost` is the running total after each (seconds,
/// trials); empty: 1, 2, 3, ...
struct SearchRun {
  std::vector<double> values;
  std::vector<double> cost;
};

/// All runs of one method, one for each seed.
struct SearchMethod {
  QString name;
  std::vector<SearchRun> runs;
};

/// Median and quantiles over runs of the best value so far.
struct BestBand {
  std::vector<double> cost, low, median, high;  ///< lower and upper quartile
  std::vector<double> lowest, highest;
};

/// A run that has ended keeps its best. Begins where all runs have a value. At most `most_points`
/// places, evenly chosen.
BestBand best_band(const SearchMethod& method, bool maximize, std::size_t most_points = 1500);

/// Best value so far against the cost, a line for each method with bands over its seeds: strong
/// between the quartiles, pale from worst to best.
class BestPlot final : public AxisPlot {
  Q_OBJECT

 public:
  explicit BestPlot(QWidget* parent = nullptr);
  void setMethods(const std::vector<SearchMethod>& methods, const QString& cost_title,
                  const QString& value_title, bool maximize);
  QString note() const override;

 protected:
  void drawData(QPainter& painter, const PlotFrame& frame) override;
  std::vector<LegendEntry> legend(const Theme& theme) const override;
  std::optional<Hit> hitAt(QPointF at, const PlotFrame& frame) override;
  bool hasData() const override;
  void fitData() override;

 private:
  struct Entry {
    QString name;
    std::size_t runs = 0;
    BestBand band;
  };
  std::vector<Entry> entries_;
  QString cost_title_;
  std::size_t skipped_ = 0, empty_runs_ = 0;
};

}  // namespace nas
