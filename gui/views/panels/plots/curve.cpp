#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "app/study/metric_catalogue.h"
#include "gui/plots/curves_plot.h"
#include "gui/views/panels/plots/plot_view.h"
#include "gui/views/panels/table_page.h"

namespace nas {
namespace {

constexpr std::size_t kMostCurves = 12;  ///< trials: as many as can be told apart

/// "train_accuracy" is the accuracy on the samples that were trained on.
QString quantity_of(std::string_view name) {
  if (name.starts_with(kTrainPrefix)) name.remove_prefix(kTrainPrefix.size());
  return QString::fromStdString(std::string(name)).replace('_', ' ');
}

/// The metric that is called so in lists of quantities; null: it is none.
const MetricInfo* metric_of_quantity(const QString& quantity) {
  for (const MetricInfo& metric : metric_catalogue()) {
    if (quantity_of(metric.name) == quantity) return &metric;
  }
  return nullptr;
}

/// What is shown first: the study's first objective, else the metric of a problem.
QString first_quantity(const std::set<QString>& quantities,
                       const std::vector<Objective>& objectives) {
  for (const Objective& objective : objectives) {
    const QString quantity = quantity_of(objective.metric);
    if (quantities.contains(quantity)) return quantity;
  }
  for (const QString& quantity : quantities) {
    if (metric_of_quantity(quantity) != nullptr) return quantity;
  }
  return {};
}

QString quantity_title(const QString& quantity) {
  const MetricInfo* metric = metric_of_quantity(quantity);
  if (metric == nullptr) return quantity;
  const QString title = QString::fromStdString(std::string(metric->title));
  if (metric->unit.empty()) return title;
  return QStringLiteral("%1 (%2)").arg(title, QString::fromStdString(std::string(metric->unit)));
}

class CurveView final : public PlotView {
  Q_DECLARE_TR_FUNCTIONS(nas::CurveView)

 public:
  CurveView(PlotHost& host, QWidget* parent) : host_(host), plot_(new CurvesPlot(parent)) {
    plot_->setSelection(host.page().selection());
  }

  static QString title() { return tr("Training cur&ve"); }

  PlotBoxes boxes() const override {
    return {.choice = tr("&of"), .choice_name = tr("Which curve")};
  }
  Canvas* canvas() override { return plot_; }
  bool followsSelection() const override { return true; }
  void chosen() override { show(); }

  void ask(PlotRequest& request) const override {
    if (!request.study) return;
    request.study_curve = true;
    const Selection& selection = *host_.page().selection();
    const auto keys = selection.keys();
    request.curves.assign(keys.begin(), keys.begin() + static_cast<std::ptrdiff_t>(
                                                           std::min(keys.size(), kMostCurves)));
    const auto current = selection.current();
    if (request.curves.empty() && current) request.curves.push_back(*current);
  }

  void draw(PlotDrawing drawing) override {
    read_ = std::move(drawing.answer.curves);
    std::set<QString> quantities;
    for (const auto& [key, points] : read_) {
      for (const CurvePoint& point : points) quantities.insert(quantity_of(point.name));
    }
    host_.offer({quantities.begin(), quantities.end()},
                first_quantity(quantities, host_.page().objectives()));
    show();
  }

  QString whyEmpty() const override {
    if (!host_.studyId())
      return tr("This table has no training curves. Open a study that trains its trials.");
    const Selection& selection = *host_.page().selection();
    return selection.size() > 0 || selection.current()
               ? tr("The selected trials were not trained here: they have no training curve.")
               : tr("Select trials in the table to see their training curves.");
  }

 private:
  void show() {
    const QString wanted = host_.choiceText();
    std::vector<TrainingCurve> list;
    std::size_t without = 0;
    for (std::size_t i = 0; i < read_.size(); ++i) {
      const auto& [key, points] = read_[i];
      std::map<std::string, TrainingCurve> curves;
      for (const CurvePoint& point : points) {
        if (quantity_of(point.name) != wanted) continue;
        TrainingCurve& curve = curves[point.name];
        curve.epochs.push_back(static_cast<double>(point.epoch));
        curve.values.push_back(point.value);
      }
      without += curves.empty() && key != kOfStudy;
      for (auto& [name, curve] : curves) {
        curve.name = key == kOfStudy ? tr("the study itself") : tr("trial %1").arg(key);
        if (key != kOfStudy) curve.key = key;
        curve.series = i;
        curve.dashed = name.starts_with(kTrainPrefix);
        list.push_back(std::move(curve));
      }
    }
    const std::size_t selected = host_.page().selection()->size();
    QStringList remarks;
    if (selected > kMostCurves) {
      remarks << tr("the first %1 of %2 selected").arg(kMostCurves).arg(counted(selected));
    }
    if (without > 0 && !list.empty()) remarks << tr("%1 selected without one").arg(without);
    plot_->setEmptyText(whyEmpty());
    plot_->setTitle(wanted.isEmpty() ? tr("Training curves")
                                     : tr("Training curves: %1").arg(wanted));
    plot_->setSelectionShown(false);
    plot_->setRemark(remarks.join("; "));
    plot_->setCurves(std::move(list), tr("epoch"), quantity_title(wanted));
  }

  PlotHost& host_;
  CurvesPlot* plot_;
  std::vector<std::pair<RowKey, std::vector<CurvePoint>>> read_;
};

}  // namespace

extern const PlotKind curve_plot_kind;
const PlotKind curve_plot_kind{"curve", CurveView::title,
                               [](PlotHost& host, QWidget* parent) -> std::unique_ptr<PlotView> {
                                 return std::make_unique<CurveView>(host, parent);
                               }};

}  // namespace nas
