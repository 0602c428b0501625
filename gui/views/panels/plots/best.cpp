#include "app/explorer/explorer_columns.h"
#include "core/util/text.h"
#include "gui/plots/best_plot.h"
#include "gui/views/panels/plots/plot_view.h"
#include "gui/views/panels/table_page.h"

namespace nas {
namespace {

class BestView final : public PlotView {
  Q_DECLARE_TR_FUNCTIONS(nas::BestView)

 public:
  BestView(PlotHost& host, QWidget* parent) : host_(host), plot_(new BestPlot(parent)) {}

  static QString title() { return tr("&Best so far"); }

  PlotBoxes boxes() const override {
    return {.y = true, .cost = true, .choice = tr("&of"), .choice_name = tr("Whose runs")};
  }
  Canvas* canvas() override { return plot_; }

  void begin() override {
    const QStringList scopes{tr("this study"), tr("all its seeds"),
                             tr("all searches of its space")};
    host_.offer(scopes, scopes[1]);
  }
  void chosen() override { host_.readAgain(); }

  void ask(PlotRequest& request) const override {
    if (!request.study) return;
    request.studies = host_.page().database()->studies();
    request.metric = host_.page().model()->columns()[host_.upward()].name;
    request.scope = static_cast<RunScope>(std::max(0, host_.choice()));
  }

  void draw(PlotDrawing drawing) override {
    const bool seconds = host_.costIsTime();
    std::vector<SearchMethod> methods;
    for (const MethodRuns& method : drawing.answer.runs.methods) {
      SearchMethod shown{.name = QString::fromStdString(method.name), .runs = {}};
      for (const StudyRun& run : method.runs) {
        shown.runs.push_back(
            {.values = run.values, .cost = seconds ? run.seconds : std::vector<double>()});
      }
      methods.push_back(std::move(shown));
    }
    const std::size_t column = host_.upward();
    const BrowseColumn& info = host_.page().model()->columns()[column];
    plot_->setTitle(tr("Best %1 so far").arg(column_title(host_.page(), column)));
    plot_->setMethods(methods, seconds ? tr("time of all trials (s)") : tr("trials"),
                      QString::fromStdString(printable(title_with_unit(info))),
                      larger_is_better(info, host_.page().objectives()));
  }

  QString whyEmpty() const override {
    return host_.studyId()
               ? tr("No complete trial of these studies has this metric yet.")
               : tr("The rows of this table are not one search. Open a study to see its best so "
                    "far.");
  }

 private:
  PlotHost& host_;
  BestPlot* plot_;
};

}  // namespace

extern const PlotKind best_plot_kind;
const PlotKind best_plot_kind{"best", BestView::title,
                              [](PlotHost& host, QWidget* parent) -> std::unique_ptr<PlotView> {
                                return std::make_unique<BestView>(host, parent);
                              }};

}  // namespace nas
