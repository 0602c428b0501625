#include "app/explorer/explorer_columns.h"
#include "core/util/text.h"
#include "gui/plots/parallel_plot.h"
#include "gui/views/panels/plots/many_columns.h"
#include "gui/views/panels/plots/plot_view.h"
#include "gui/views/panels/table_page.h"

namespace nas {
namespace {

constexpr std::size_t kMostAxes = 8;

class ParallelView final : public PlotView {
  Q_DECLARE_TR_FUNCTIONS(nas::ParallelView)

 public:
  ParallelView(PlotHost& host, QWidget* parent) : host_(host), plot_(new ParallelPlot(parent)) {
    plot_->setSelection(host.page().selection());
    QObject::connect(plot_, &ParallelPlot::colorColumnChanged, plot_,
                     [this](int column) { host_.choose(column); });
  }

  static QString title() { return tr("&Parallel coordinates"); }

  PlotBoxes boxes() const override {
    return {.choice = tr("c&olour"), .choice_name = tr("Colour of the lines")};
  }
  Canvas* canvas() override { return plot_; }
  void chosen() override { plot_->setColorColumn(host_.choice()); }

  void ask(PlotRequest& request) const override {
    request.columns = shown_columns(host_.page(), host_.upward(), kMostAxes);
  }

  void draw(PlotDrawing drawing) override {
    QStringList names;
    for (const PlotColumn& column : drawing.columns) names << column.title;
    const BrowseColumn& upward = host_.page().model()->columns()[host_.upward()];
    host_.offer(names, QString::fromStdString(printable(title_with_unit(upward))));
    plot_->setData(drawing.columns, drawing.keys);
    plot_->setColorColumn(host_.choice());
  }

  QString whyEmpty() const override {
    return tr("There is no column of numbers to show. Choose some with Columns (Alt+C).");
  }

 private:
  PlotHost& host_;
  ParallelPlot* plot_;
};

}  // namespace

extern const PlotKind parallel_plot_kind;
const PlotKind parallel_plot_kind{"parallel", ParallelView::title,
                                  [](PlotHost& host, QWidget* parent) -> std::unique_ptr<PlotView> {
                                    return std::make_unique<ParallelView>(host, parent);
                                  }};

}  // namespace nas
