#pragma once

#include <QCoreApplication>
#include <QString>
#include <QStringList>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "gui/plots/plot_data.h"
#include "gui/views/panels/plot_reading.h"

namespace nas {

class Canvas;
class TablePage;

/// Boxes that stand above a plot.
struct PlotBoxes {
  bool x = false, y = false;
  bool cost = false;      ///< trials or seconds, in place of x
  bool forecast = false;  ///< x is a prediction, y its truth: these two are remembered apart
  QString choice{};       ///< label of the box of choices, with its key; "": there is none
  QString choice_name{};  ///< what the choice is, for screen readers
};

/// What a plot finds in the panel that shows it. Columns are given by their index in the table.
class PlotHost {
 public:
  virtual ~PlotHost() = default;
  virtual TablePage& page() const = 0;
  virtual std::optional<std::int64_t> studyId() const = 0;
  virtual const Explorer::Study* study() const = 0;  ///< null: a table of another kind
  virtual std::size_t across() const = 0;            ///< column of the box x
  virtual std::size_t upward() const = 0;            ///< column of the box y
  virtual bool costIsTime() const = 0;
  virtual int choice() const = 0;
  virtual QString choiceText() const = 0;
  /// Fills the box of choices; `first` is chosen unless another of them was before.
  virtual void offer(const QStringList& texts, const QString& first) = 0;
  virtual void choose(int place) = 0;  ///< as if it were chosen in the box
  virtual void showPlot(std::string_view name, std::size_t across, std::size_t upward) = 0;
  virtual void readAgain() = 0;  ///< soon
  /// The context of questions to the database, and the number of what is drawn: an answer to
  /// another number comes too late.
  virtual QObject* context() = 0;
  virtual std::int64_t drawing() const = 0;
};

/// What was read, as plots take it.
struct PlotDrawing {
  const PlotRequest& request;
  std::vector<PlotColumn> columns;  ///< of the request, titles with units
  RowKeys keys;
  PlotAnswer answer;
};

/// One kind of plot in a panel: which boxes it has, what it reads, how it shows that.
class PlotView {
 public:
  virtual ~PlotView() = default;
  virtual PlotBoxes boxes() const = 0;
  virtual Canvas* canvas() = 0;  ///< a child of the panel
  /// Called when the plot is switched to: offers choices that never change.
  virtual void begin() {}
  /// Adds what the plot reads; `table`, `keys` and `study` are already set.
  virtual void ask(PlotRequest& request) const = 0;
  virtual void draw(PlotDrawing drawing) = 0;
  /// Another choice of the box.
  virtual void chosen() = 0;
  /// Why the plot may be empty when rows are not the reason; otherwise "".
  virtual QString whyEmpty() const { return {}; }
  /// Does it show the selected rows alone?
  virtual bool followsSelection() const { return false; }
};

/// A kind as the list in CMakeLists.txt names it, NAME_plot_kind. The order of the list is that of
/// the box, of the menu and of its keys.
struct PlotKind {
  std::string_view name;  ///< of --screenshot
  QString (*title)();     ///< with the key of the menu: "&Scatter and Pareto front"
  std::unique_ptr<PlotView> (*make)(PlotHost& host, QWidget* parent);
};
std::span<const PlotKind* const> plot_kinds();

/// Title of a column without its unit, for titles of plots.
QString column_title(const TablePage& page, std::size_t column);

}  // namespace nas
