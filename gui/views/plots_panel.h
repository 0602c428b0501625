#pragma once

#include <QTimer>
#include <QWidget>
#include <memory>
#include <stop_token>
#include <utility>
#include <vector>

#include "gui/plots/plot_data.h"
#include "gui/views/table_page.h"

class QComboBox;
class QLabel;
class QStackedWidget;

namespace nas {

class BestPlot;
class Canvas;
class CorrelationPlot;
class CurvesPlot;
class DistributionPlot;
class ParallelPlot;
class ScatterPlot;
class TruthPlot;

/// The plots of a table, one at a time: of the rows that pass its filter, with its selection. The
/// columns are read in the database's thread.
class PlotsPanel final : public QWidget {
  Q_OBJECT

 public:
  enum View {
    kScatter,
    kBestSoFar,
    kParallel,
    kDistribution,
    kTruth,
    kCorrelation,
    kCurve,
    kViews
  };

  explicit PlotsPanel(TablePage* page);
  ~PlotsPanel() override;

  void setView(View view);
  View view() const;
  /// By names of columns; unknown ones change nothing.
  void setAxes(const std::string& x, const std::string& y);
  /// The picture that is shown, for export.
  Canvas* canvas() const;
  bool isReady() const { return ready_; }

 Q_SIGNALS:
  void message(const QString& text);
  void ready();  ///< the plot shows the rows of the table as they are

 protected:
  void showEvent(QShowEvent* event) override;

 private:
  struct Columns {
    std::vector<std::shared_ptr<const std::vector<double>>> values;
    std::shared_ptr<const std::vector<RowKey>> keys;  ///< null: row i has key i
    bool stopped = false;
  };

  void build();
  void fillAxes();
  std::pair<std::size_t, std::size_t> firstAxes() const;  ///< upwards, to the right
  void changeView();
  void later() { timer_.start(); }
  void read();
  std::vector<std::size_t> wantedColumns() const;
  static Columns readColumns(ExplorerTable& table, const std::vector<std::size_t>& wanted,
                             std::shared_ptr<const std::vector<RowKey>> keys, std::stop_token stop);
  void show(const std::vector<std::size_t>& columns, const Columns& got);
  PlotColumn plotColumn(std::size_t column, const Columns& got, std::size_t place) const;
  void showBest(const PlotColumn& column);
  void readCurve();
  void setReady();

  TablePage* page_;
  QComboBox* views_ = nullptr;
  QComboBox* x_ = nullptr;
  QComboBox* y_ = nullptr;
  QLabel* x_label_ = nullptr;
  QLabel* y_label_ = nullptr;
  QStackedWidget* stack_ = nullptr;
  ScatterPlot* scatter_ = nullptr;
  BestPlot* best_ = nullptr;
  ParallelPlot* parallel_ = nullptr;
  DistributionPlot* distribution_ = nullptr;
  TruthPlot* truth_ = nullptr;
  CorrelationPlot* correlation_ = nullptr;
  CurvesPlot* curves_ = nullptr;
  std::vector<std::size_t> correlated_;  ///< columns of the matrix
  QTimer timer_;
  std::stop_source stop_;
  std::int64_t life_ = 0;
  bool ready_ = false;
};

}  // namespace nas
