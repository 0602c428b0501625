#pragma once

#include "gui/plots/scatter_plot.h"

namespace nas {

/// A predictor's scores against the truth, with the rank correlations of all rows that have both.
class TruthPlot final : public ScatterPlot {
  Q_OBJECT

 public:
  explicit TruthPlot(QWidget* parent = nullptr);

  /// With `same_unit` the line of perfect predictions is drawn.
  void setForecast(PlotColumn predicted, PlotColumn truth, bool same_unit, RowKeys keys = {});

  /// More for the line below: what the predictor was fitted on.
  void setRemark(const QString& remark);
  QString note() const override;

  std::size_t pairs() const { return pairs_; }  ///< rows that the correlations are of
  std::optional<double> spearmanRho() const { return rho_; }
  std::optional<double> kendallTau() const { return tau_; }

 protected:
  void drawData(QPainter& painter, const PlotFrame& frame) override;
  std::vector<LegendEntry> legend(const Theme& theme) const override;

 private:
  bool same_unit_ = false;
  QString remark_;
  std::size_t pairs_ = 0;
  std::optional<double> rho_, tau_;
};

}  // namespace nas
