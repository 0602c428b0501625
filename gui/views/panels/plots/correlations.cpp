#include "gui/plots/correlation_plot.h"
#include "gui/views/panels/plots/many_columns.h"
#include "gui/views/panels/plots/plot_view.h"
#include "gui/views/panels/table_page.h"

namespace nas {
namespace {

constexpr std::size_t kMostColumns = 40;

class CorrelationView final : public PlotView {
  Q_DECLARE_TR_FUNCTIONS(nas::CorrelationView)

 public:
  CorrelationView(PlotHost& host, QWidget* parent)
      : host_(host), plot_(new CorrelationPlot(parent)) {
    QObject::connect(plot_, &CorrelationPlot::pairOpened, plot_, [this](int upward, int across) {
      host_.showPlot("scatter", columns_[static_cast<std::size_t>(across)],
                     columns_[static_cast<std::size_t>(upward)]);
    });
  }

  static QString title() { return tr("Rank &correlations"); }

  PlotBoxes boxes() const override { return {}; }
  Canvas* canvas() override { return plot_; }
  void chosen() override {}

  void ask(PlotRequest& request) const override {
    request.columns = metric_columns(host_.page(), kMostColumns);
    request.correlate = true;
  }

  void draw(PlotDrawing drawing) override {
    columns_ = drawing.request.columns;
    for (std::size_t i = 0; i < columns_.size(); ++i) {  // a matrix has no axes
      drawing.columns[i].title = column_title(host_.page(), columns_[i]);
    }
    plot_->setColumns(drawing.columns, std::move(drawing.answer.matrix));
  }

  QString whyEmpty() const override {
    return tr("There is no column of numbers to show. Choose some with Columns (Alt+C).");
  }

 private:
  PlotHost& host_;
  CorrelationPlot* plot_;
  std::vector<std::size_t> columns_;  ///< of the matrix
};

}  // namespace

extern const PlotKind correlations_plot_kind;
const PlotKind correlations_plot_kind{
    "correlations", CorrelationView::title,
    [](PlotHost& host, QWidget* parent) -> std::unique_ptr<PlotView> {
      return std::make_unique<CorrelationView>(host, parent);
    }};

}  // namespace nas
