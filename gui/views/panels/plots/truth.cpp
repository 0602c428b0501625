#include "app/explorer/explorer_columns.h"
#include "gui/plots/truth_plot.h"
#include "gui/views/panels/plots/plot_view.h"
#include "gui/views/panels/table_page.h"

namespace nas {
namespace {

/// Whether a column is a forecast in the unit of the other one: then points on the diagonal are
/// right.
bool same_unit_as(const BrowseColumn& predicted, const BrowseColumn& truth) {
  return is_prediction(predicted) && predicted.holds && truth.holds &&
         predicted.holds->metric == truth.holds->metric &&
         predicted.holds->unit == truth.holds->unit;
}

class TruthView final : public PlotView {
  Q_DECLARE_TR_FUNCTIONS(nas::TruthView)

 public:
  TruthView(PlotHost& host, QWidget* parent) : host_(host), plot_(new TruthPlot(parent)) {
    plot_->setSelection(host.page().selection());
  }

  static QString title() { return tr("Predictor against &truth"); }

  PlotBoxes boxes() const override { return {.x = true, .y = true, .forecast = true}; }
  Canvas* canvas() override { return plot_; }
  void chosen() override {}

  void ask(PlotRequest& request) const override {
    request.columns = {host_.across(), host_.upward()};
  }

  void draw(PlotDrawing drawing) override {
    const std::vector<BrowseColumn>& columns = host_.page().model()->columns();
    const std::size_t predicted = drawing.request.columns[0], truth = drawing.request.columns[1];
    start_logarithmic(drawing.columns[0], drawing.columns[1]);
    plot_->setTitle(
        tr("%1 against %2")
            .arg(column_title(host_.page(), truth), column_title(host_.page(), predicted)));
    const auto fitted_on = truth_of(columns, predicted);
    const std::size_t rows = fitted_rows(columns[predicted]);
    QString remark;
    if (fitted_on && *fitted_on != truth) {
      remark = tr("the predictor was fitted on %1").arg(column_title(host_.page(), *fitted_on));
    } else if (fitted_on && rows > 0) {
      remark = tr("the predictor has learned from %1 of the rows").arg(counted(rows));
    }
    plot_->setRemark(remark);
    plot_->setForecast(drawing.columns[0], drawing.columns[1],
                       same_unit_as(columns[predicted], columns[truth]), drawing.keys);
  }

 private:
  PlotHost& host_;
  TruthPlot* plot_;
};

}  // namespace

extern const PlotKind truth_plot_kind;
const PlotKind truth_plot_kind{"truth", TruthView::title,
                               [](PlotHost& host, QWidget* parent) -> std::unique_ptr<PlotView> {
                                 return std::make_unique<TruthView>(host, parent);
                               }};

}  // namespace nas
