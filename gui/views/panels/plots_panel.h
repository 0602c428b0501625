#pragma once

#include <QElapsedTimer>
#include <QTimer>
#include <QWidget>
#include <array>
#include <memory>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "gui/plots/plot_data.h"
#include "gui/views/panels/plot_reading.h"
#include "gui/views/panels/table_page.h"

class QComboBox;
class QLabel;
class QStackedWidget;

namespace nas {

class AxisPlot;
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
  /// What a plot offers beside its axes, by its text: whose runs, the colour of lines, which curve.
  void setChoice(const QString& text);
  /// The picture that is shown, for export.
  Canvas* canvas() const;
  bool isReady() const { return ready_; }

 Q_SIGNALS:
  void message(const QString& text);
  void ready();  ///< the plot shows the rows of the table as they are

 protected:
  void showEvent(QShowEvent* event) override;

 private:
  void build();
  void buildPlots();
  void fillAxes();
  void fillChoices(const QStringList& texts, const QString& first);
  std::pair<std::size_t, std::size_t> firstAxes() const;      ///< upwards, to the right
  std::pair<std::size_t, std::size_t> firstForecast() const;  ///< truth, prediction
  void followPredictor();
  void keepAxes();
  void restoreAxes();
  void changeAxes();
  void changeView();
  void changeChoice();
  void later();
  void followWriters();

  // Reading and showing: plots_panel_show.cpp.
  std::optional<std::int64_t> studyId() const;
  const Explorer::Study* study() const;  ///< null: a table of another kind
  void read();
  std::vector<std::size_t> wantedColumns() const;
  std::vector<std::size_t> manyColumns() const;
  void firstOfEachMetric(std::vector<std::size_t>& columns) const;
  PlotRequest request() const;
  void show(const PlotRequest& request, PlotAnswer answer);
  PlotColumn plotColumn(const PlotRequest& request, const PlotAnswer& answer,
                        std::size_t place) const;
  QString titleOf(std::size_t column) const;
  /// Asks where the values of the front may lie, and draws it when the answer is there.
  void askIntervals(std::int64_t study_id, std::string x, std::string y);
  void showScatter(const PlotRequest& request, const std::vector<PlotColumn>& plots,
                   PlotAnswer& answer);
  void showTruth(const PlotRequest& request, const std::vector<PlotColumn>& plots,
                 const RowKeys& keys);
  void showBest(const SearchRuns& runs);
  void showParallel(const std::vector<PlotColumn>& plots, const RowKeys& keys);
  void takeCurves(PlotAnswer answer);
  void showCurves();
  QString emptyReason() const;
  void setReady();

  TablePage* page_;
  QComboBox* views_ = nullptr;
  QComboBox* x_ = nullptr;
  QComboBox* y_ = nullptr;
  QComboBox* cost_ = nullptr;    ///< what runs are drawn against
  QComboBox* choice_ = nullptr;  ///< scope of runs, colour of lines, which curve
  QLabel* x_label_ = nullptr;
  QLabel* y_label_ = nullptr;
  QLabel* choice_label_ = nullptr;
  QStackedWidget* stack_ = nullptr;
  ScatterPlot* scatter_ = nullptr;
  BestPlot* best_ = nullptr;
  ParallelPlot* parallel_ = nullptr;
  DistributionPlot* distribution_ = nullptr;
  TruthPlot* truth_ = nullptr;
  CorrelationPlot* correlation_ = nullptr;
  CurvesPlot* curves_ = nullptr;
  std::array<QString, kViews> chosen_;   ///< texts of `choice_`
  std::vector<std::size_t> correlated_;  ///< columns of the matrix
  std::vector<std::pair<RowKey, std::vector<CurvePoint>>> read_curves_;
  std::string drawn_;  ///< names the columns that are drawn: a refresh keeps zoom and place
  QTimer timer_;
  std::stop_source stop_;
  std::int64_t life_ = 0;
  bool ready_ = false;
  bool queried_ = false;        ///< the table has been asked for other rows since it was drawn
  QElapsedTimer shown_;         ///< since the rows were drawn
  std::int64_t show_ms_ = 0;    ///< what that took of the window's time
  bool forecast_axes_ = false;  ///< which of `axes_` the boxes show
  /// What was chosen: for a predictor against the truth, and for all other plots.
  std::array<std::pair<QString, QString>, 2> axes_;
};

}  // namespace nas
