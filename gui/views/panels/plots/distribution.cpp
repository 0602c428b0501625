#include "gui/plots/distribution_plot.h"

#include "gui/views/panels/plots/plot_view.h"
#include "gui/views/panels/table_page.h"

namespace nas {
namespace {

class DistributionView final : public PlotView {
  Q_DECLARE_TR_FUNCTIONS(nas::DistributionView)

 public:
  DistributionView(PlotHost& host, QWidget* parent)
      : host_(host), plot_(new DistributionPlot(parent)) {
    plot_->setSelection(host.page().selection());
  }

  static QString title() { return tr("&Distribution"); }

  PlotBoxes boxes() const override { return {.x = true}; }
  Canvas* canvas() override { return plot_; }
  void chosen() override {}

  void ask(PlotRequest& request) const override { request.columns = {host_.across()}; }

  void draw(PlotDrawing drawing) override {
    plot_->setTitle(
        tr("Distribution of %1").arg(column_title(host_.page(), drawing.request.columns[0])));
    plot_->setData(drawing.columns[0], drawing.keys);
  }

 private:
  PlotHost& host_;
  DistributionPlot* plot_;
};

}  // namespace

extern const PlotKind distribution_plot_kind;
const PlotKind distribution_plot_kind{
    "distribution", DistributionView::title,
    [](PlotHost& host, QWidget* parent) -> std::unique_ptr<PlotView> {
      return std::make_unique<DistributionView>(host, parent);
    }};

}  // namespace nas
