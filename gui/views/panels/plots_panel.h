#pragma once

#include <QElapsedTimer>
#include <QTimer>
#include <QWidget>
#include <array>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gui/plots/plot_data.h"
#include "gui/views/panels/plot_reading.h"
#include "gui/views/panels/plots/plot_view.h"
#include "gui/views/panels/table_page.h"

class QComboBox;
class QLabel;
class QStackedWidget;

namespace nas {

class Canvas;

/// The plots of a table, one at a time: of the rows that pass its filter, with its selection. The
/// columns are read in the database's thread.
class PlotsPanel final : public QWidget, private PlotHost {
  Q_OBJECT

 public:
  explicit PlotsPanel(TablePage* page);
  ~PlotsPanel() override;

  /// A place in `plot_kinds`, or the name of a kind; an unknown name changes nothing.
  void setView(int view);
  void setView(std::string_view name);
  std::string_view view() const;  ///< its name
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
  void fillAxes();
  std::pair<std::size_t, std::size_t> firstAxes() const;      ///< upwards, to the right
  std::pair<std::size_t, std::size_t> firstForecast() const;  ///< truth, prediction
  void followPredictor();
  void keepAxes();
  void restoreAxes();
  void changeAxes();
  void changeView();
  void changeChoice();
  void followWriters();
  PlotView& current() const;

  // For the plots.
  TablePage& page() const override { return *page_; }
  std::optional<std::int64_t> studyId() const override;
  const Explorer::Study* study() const override;
  std::size_t across() const override;
  std::size_t upward() const override;
  bool costIsTime() const override;
  int choice() const override;
  QString choiceText() const override;
  void offer(const QStringList& texts, const QString& first) override;
  void choose(int place) override;
  void showPlot(std::string_view name, std::size_t across, std::size_t upward) override;
  void readAgain() override;
  QObject* context() override { return this; }
  std::int64_t drawing() const override { return life_; }

  // Reading and showing: plots_panel_show.cpp.
  void read();
  PlotRequest request() const;
  void show(const PlotRequest& request, PlotAnswer answer);
  PlotColumn plotColumn(const PlotRequest& request, const PlotAnswer& answer,
                        std::size_t place) const;
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
  std::vector<std::unique_ptr<PlotView>> plots_;  ///< in the order of `plot_kinds`
  std::vector<QString> chosen_;                   ///< texts of `choice_`, by plot
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
