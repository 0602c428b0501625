#pragma once

#include <optional>

#include "gui/plots/canvas.h"
#include "gui/plots/plot_data.h"

namespace nas {

/// Spearman's rank correlation of all pairs of columns, over the rows with both values. More than
/// `most_rows` rows are thinned evenly. Row-major; nullopt where it is undefined.
std::vector<std::optional<double>> correlation_matrix(const std::vector<PlotColumn>& columns,
                                                      std::size_t most_rows = 20'000);

/// The matrix of rank correlations of some columns (all proxies of a benchmark, say): colour and
/// number in each cell. Many columns have their names beside the rows and numbers above. Arrows
/// walk, Enter or a click opens the scatter of a pair.
class CorrelationPlot final : public Canvas {
  Q_OBJECT

 public:
  explicit CorrelationPlot(QWidget* parent = nullptr);
  void setColumns(const std::vector<PlotColumn>& columns);
  /// The same with a matrix that was worked out elsewhere: it takes seconds for many columns.
  void setColumns(const std::vector<PlotColumn>& columns,
                  std::vector<std::optional<double>> matrix);
  /// Requires values.size() == names.size()^2, row-major.
  void setMatrix(QStringList names, std::vector<std::optional<double>> values, const QString& note);
  void draw(QPainter& painter, QSize size, const Theme& theme) override;

 Q_SIGNALS:
  void pairOpened(int row, int column);

 protected:
  void mouseMoveEvent(QMouseEvent* event) override;
  void mousePressEvent(QMouseEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;

 private:
  struct Cells {
    QRectF area;
    double width = 0, height = 0;  ///< of a cell
    bool numbered = false;         ///< the columns are named by the numbers of the rows
  };
  QString rowName(int row, bool numbered) const;
  Cells cells(QSize size, double name_width) const;
  double nameWidth(const QFontMetricsF& metrics, QSize size) const;
  std::optional<QPoint> cellAt(QPointF at) const;
  void drawNames(QPainter& painter, const Cells& cells, const Theme& theme) const;
  void drawCells(QPainter& painter, const Cells& cells, const Theme& theme) const;
  void drawRamp(QPainter& painter, QSize size, const Theme& theme) const;
  int count() const { return static_cast<int>(names_.size()); }
  std::optional<double> value(int row, int column) const;

  QStringList names_;
  std::vector<std::optional<double>> values_;
  QString note_;
  QPoint current_{-1, -1};
};

}  // namespace nas
