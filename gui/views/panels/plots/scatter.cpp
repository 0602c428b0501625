#include "gui/plots/scatter_plot.h"

#include "app/explorer/explorer_columns.h"
#include "app/objectives/bound.h"
#include "core/util/text.h"
#include "gui/views/panels/plots/plot_view.h"
#include "gui/views/panels/table_page.h"

namespace nas {
namespace {

constexpr std::size_t kMostIntervals = 300;  ///< trials of a front: each is read

/// Bounds of a study that one of the two axes shows.
std::vector<ConstraintLine> lines_of(const std::vector<Constraint>& constraints,
                                     const std::string& x, const std::string& y) {
  std::vector<ConstraintLine> lines;
  for (const Constraint& constraint : constraints) {
    const std::string metric = constraint.metric.text();
    const bool upper =
        constraint.relation == Relation::kLess || constraint.relation == Relation::kLessEqual;
    const QString label =
        QString::fromStdString(metric + " " + std::string(relation_text(constraint.relation)) +
                               " ") +
        tick_text(constraint.bound);
    for (const bool vertical : {true, false}) {
      const std::string& column = vertical ? x : y;
      // "@host" is left out of a column's name where there is only one device.
      if (column != metric && column != constraint.metric.name) continue;
      lines.push_back({constraint.bound, vertical, label, upper});
    }
  }
  return lines;
}

class ScatterView final : public PlotView {
  Q_DECLARE_TR_FUNCTIONS(nas::ScatterView)

 public:
  ScatterView(PlotHost& host, QWidget* parent) : host_(host), plot_(new ScatterPlot(parent)) {
    plot_->setSelection(host.page().selection());
  }

  static QString title() { return tr("&Scatter and Pareto front"); }

  PlotBoxes boxes() const override { return {.x = true, .y = true}; }
  Canvas* canvas() override { return plot_; }
  void chosen() override {}

  void ask(PlotRequest& request) const override {
    request.columns = {host_.across(), host_.upward()};
    const Explorer::Study* own = host_.study();
    request.feasible = own != nullptr && own->row.trials_infeasible > 0;
  }

  void draw(PlotDrawing drawing) override {
    const std::vector<BrowseColumn>& columns = host_.page().model()->columns();
    const std::size_t x = drawing.request.columns[0], y = drawing.request.columns[1];
    start_logarithmic(drawing.columns[0], drawing.columns[1]);
    plot_->setTitle(
        tr("%1 against %2").arg(column_title(host_.page(), y), column_title(host_.page(), x)));
    plot_->setData(drawing.columns[0], drawing.columns[1], drawing.keys);
    plot_->setFeasible(std::move(drawing.answer.feasible));
    // Until the new ones are there: a study that is written to is drawn anew again and again.
    if (columns_ == std::pair(columns[x].name, columns[y].name)) plot_->setIntervals(intervals_);
    columns_ = {columns[x].name, columns[y].name};
    const Explorer::Study* own = host_.study();
    plot_->setConstraints(
        own == nullptr ? std::vector<ConstraintLine>()
                       : lines_of(own->config.constraints, columns[x].name, columns[y].name));
    if (drawing.request.study) {
      askIntervals(*drawing.request.study, columns[x].name, columns[y].name);
    }
  }

 private:
  /// Asks where the values of the front may lie, and draws it when the answer is there.
  void askIntervals(std::int64_t study_id, const std::string& x, const std::string& y) {
    const std::vector<RowKey> keys = plot_->frontKeys();
    if (keys.empty() || keys.size() > kMostIntervals) return;
    host_.page().database()->ask(
        host_.context(), Lane::kNormal,
        [study_id, keys](Explorer& explorer) { return explorer.intervals(study_id, keys); },
        [this, x, y, drawing = host_.drawing()](const Answer<Explorer::TrialIntervals>& answer) {
          // Without them the plot is still true.
          if (drawing == host_.drawing() && answer.value) takeIntervals(*answer.value, x, y);
        });
  }

  void takeIntervals(const Explorer::TrialIntervals& found, const std::string& x,
                     const std::string& y) {
    std::vector<RowIntervals> rows;
    for (const auto& [number, intervals] : found) {
      const auto one = [&of_trial = intervals](const std::string& column) {
        const auto interval = of_trial.find(column);
        return interval == of_trial.end() ? std::nullopt : std::optional(interval->second);
      };
      const RowIntervals row{number, one(x), one(y)};
      if (row.x || row.y) rows.push_back(row);
    }
    intervals_ = std::move(rows);
    plot_->setIntervals(intervals_);
  }

  PlotHost& host_;
  ScatterPlot* plot_;
  std::pair<std::string, std::string> columns_;  ///< that `intervals_` are of
  std::vector<RowIntervals> intervals_;
};

}  // namespace

extern const PlotKind scatter_plot_kind;
const PlotKind scatter_plot_kind{"scatter", ScatterView::title,
                                 [](PlotHost& host, QWidget* parent) -> std::unique_ptr<PlotView> {
                                   return std::make_unique<ScatterView>(host, parent);
                                 }};

}  // namespace nas
