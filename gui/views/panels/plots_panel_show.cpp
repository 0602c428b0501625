#include <QComboBox>
#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <string_view>
#include <utility>

#include "app/explorer/explorer_columns.h"
#include "app/objectives/bound.h"
#include "app/study/metric_catalogue.h"
#include "core/util/text.h"
#include "gui/plots/best_plot.h"
#include "gui/plots/correlation_plot.h"
#include "gui/plots/curves_plot.h"
#include "gui/plots/distribution_plot.h"
#include "gui/plots/parallel_plot.h"
#include "gui/plots/scatter_plot.h"
#include "gui/plots/truth_plot.h"
#include "gui/views/panels/plots_panel.h"

namespace nas {

namespace {

constexpr std::size_t kMostParallel = 8;
constexpr std::size_t kMostCorrelated = 40;
constexpr std::size_t kMostIntervals = 300;  ///< trials of a front: each is read
constexpr std::size_t kMostCurves = 12;      ///< trials: as many as can be told apart

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

/// Whether a column is a forecast in the unit of the other one: then points on the diagonal are
/// right.
bool same_unit_as(const BrowseColumn& predicted, const BrowseColumn& truth) {
  return is_prediction(predicted) && predicted.holds && truth.holds &&
         predicted.holds->metric == truth.holds->metric &&
         predicted.holds->unit == truth.holds->unit;
}

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

}  // namespace

std::optional<std::int64_t> PlotsPanel::studyId() const {
  const auto* id = std::get_if<std::int64_t>(&page_->model()->table());
  return id == nullptr ? std::nullopt : std::optional(*id);
}

const Explorer::Study* PlotsPanel::study() const {
  const auto id = studyId();
  return id ? page_->database()->findStudy(*id) : nullptr;
}

std::vector<std::size_t> PlotsPanel::manyColumns() const {
  const std::vector<BrowseColumn>& columns = page_->model()->columns();
  const bool parallel = view() == kParallel;
  std::vector<std::size_t> all, shown;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    if (columns[i].kind == BrowseKind::kText || columns[i].name == "number" ||
        columns[i].name == "id") {
      continue;
    }
    const bool in_table = page_->columnsModel()->isShown(i);
    if (columns[i].is_metric) all.push_back(i);
    if (in_table && (parallel || columns[i].is_metric)) shown.push_back(i);
  }
  // All proxies of a benchmark; of hundreds of columns those that the table shows.
  std::vector<std::size_t>& wanted = !parallel && all.size() <= kMostCorrelated ? all : shown;
  const std::size_t most = parallel ? kMostParallel : kMostCorrelated;
  if (wanted.size() <= most) return wanted;
  if (parallel) firstOfEachMetric(wanted);
  wanted.resize(most);
  std::sort(wanted.begin(), wanted.end());
  return wanted;
}

// The parameters on three data sets say the same: one column of each metric comes before the
// others, that of the vertical axis first of all, then the columns where more is better.
void PlotsPanel::firstOfEachMetric(std::vector<std::size_t>& columns) const {
  const std::size_t upward = y_->currentData().toULongLong();
  std::set<std::string> seen;
  const auto first = [&](std::size_t column) {
    const std::string& name = page_->model()->columns()[column].name;
    return seen.insert(name.substr(0, name.find(':'))).second;
  };
  std::erase(columns, upward);
  columns.insert(columns.begin(), upward);
  const auto others = std::stable_partition(columns.begin(), columns.end(), first);
  std::stable_partition(others, columns.end(), [this](std::size_t column) {
    return larger_is_better(page_->model()->columns()[column]);
  });
}

std::vector<std::size_t> PlotsPanel::wantedColumns() const {
  const auto column = [](const QComboBox& box) {
    return static_cast<std::size_t>(box.currentData().toULongLong());
  };
  switch (view()) {
    case kScatter:
    case kTruth:
      return {column(*x_), column(*y_)};
    case kDistribution:
      return {column(*x_)};
    case kParallel:
    case kCorrelation:
      return manyColumns();
    case kBestSoFar:
    case kCurve:
    case kViews:
      break;
  }
  return {};
}

PlotRequest PlotsPanel::request() const {
  const RowsModel* model = page_->model();
  PlotRequest request{.table = model->source(), .columns = wantedColumns()};
  request.keys = model->filterText().isEmpty() ? nullptr : model->keys();
  request.study = studyId();
  request.correlate = view() == kCorrelation;
  if (!request.study) return request;
  const Explorer::Study* own = study();
  request.feasible = view() == kScatter && own != nullptr && own->row.trials_infeasible > 0;
  if (view() == kBestSoFar) {
    request.studies = page_->database()->studies();
    request.metric =
        model->columns()[static_cast<std::size_t>(y_->currentData().toULongLong())].name;
    request.scope = static_cast<RunScope>(std::max(0, choice_->currentIndex()));
  }
  if (view() == kCurve) {
    request.study_curve = true;
    const auto keys = page_->selection()->keys();
    request.curves.assign(keys.begin(), keys.begin() + static_cast<std::ptrdiff_t>(
                                                           std::min(keys.size(), kMostCurves)));
    const auto current = page_->selection()->current();
    if (request.curves.empty() && current) request.curves.push_back(*current);
  }
  return request;
}

void PlotsPanel::read() {
  RowsModel* model = page_->model();
  if (model->isBusy() || !model->source() || x_->count() == 0 || !isVisibleTo(window())) return;
  stop_.request_stop();
  stop_ = std::stop_source();
  const PlotRequest wanted = request();
  page_->database()->ask(
      this, Lane::kNormal,
      [wanted, stop = stop_.get_token()](Explorer& explorer) {
        return read_plot(explorer, wanted, stop);
      },
      [this, wanted, life = ++life_](Answer<std::optional<PlotAnswer>> answer) {
        if (life != life_) return;
        if (!answer.value) {
          Q_EMIT message(answer.error);
        } else if (*answer.value) {
          show(wanted, std::move(**answer.value));
        }
      });
}

PlotColumn PlotsPanel::plotColumn(const PlotRequest& request, const PlotAnswer& answer,
                                  std::size_t place) const {
  const BrowseColumn& info = page_->model()->columns()[request.columns[place]];
  // A matrix has no axes.
  const std::string title = view() == kCorrelation ? info.title : title_with_unit(info);
  return {.title = QString::fromStdString(printable(title)),
          .logarithmic = spans_magnitudes(*answer.values[place]),
          .maximize = larger_is_better(info, page_->objectives()),
          .values = answer.values[place]};
}

void PlotsPanel::show(const PlotRequest& request, PlotAnswer answer) {
  shown_.start();
  const RowKeys keys = answer.keys ? RowKeys(answer.keys) : RowKeys();
  std::vector<PlotColumn> plots;
  for (std::size_t i = 0; i < request.columns.size(); ++i)
    plots.push_back(plotColumn(request, answer, i));
  if (view() == kScatter || view() == kTruth) start_logarithmic(plots[0], plots[1]);
  canvas()->setEmptyText(emptyReason());
  // The same columns again, with what others have added: the user's zoom stays.
  std::string drawn = std::to_string(view());
  for (const PlotColumn& column : plots) drawn += "\n" + column.title.toStdString();
  const bool again = std::exchange(drawn_, drawn) == drawn;
  const auto draw = [&] {
    switch (view()) {
      case kScatter:
        return showScatter(request, plots, answer);
      case kBestSoFar:
        return showBest(answer.runs);
      case kParallel:
        return showParallel(plots, keys);
      case kDistribution:
        distribution_->setTitle(tr("Distribution of %1").arg(titleOf(request.columns[0])));
        return distribution_->setData(plots[0], keys);
      case kTruth:
        return showTruth(request, plots, keys);
      case kCorrelation:
        correlated_ = request.columns;
        return correlation_->setColumns(plots, std::move(answer.matrix));
      case kCurve:
        return takeCurves(std::move(answer));
      case kViews:
        return;
    }
  };
  auto* axes = qobject_cast<AxisPlot*>(canvas());
  if (again && axes != nullptr) {
    axes->keepingView(draw);
  } else {
    draw();
  }
  setReady();
}

/// In titles of plots units would only take room.
QString PlotsPanel::titleOf(std::size_t column) const {
  return QString::fromStdString(printable(page_->model()->columns()[column].title));
}

void PlotsPanel::showTruth(const PlotRequest& request, const std::vector<PlotColumn>& plots,
                           const RowKeys& keys) {
  const std::vector<BrowseColumn>& columns = page_->model()->columns();
  const std::size_t predicted = request.columns[0], truth = request.columns[1];
  truth_->setTitle(tr("%1 against %2").arg(titleOf(truth), titleOf(predicted)));
  const auto fitted_on = truth_of(columns, predicted);
  const std::size_t rows = fitted_rows(columns[predicted]);
  QString remark;
  if (fitted_on && *fitted_on != truth) {
    remark = tr("the predictor was fitted on %1").arg(titleOf(*fitted_on));
  } else if (fitted_on && rows > 0) {
    remark = tr("the predictor has learned from %1 of the rows").arg(counted(rows));
  }
  truth_->setRemark(remark);
  truth_->setForecast(plots[0], plots[1], same_unit_as(columns[predicted], columns[truth]), keys);
}

void PlotsPanel::showScatter(const PlotRequest& request, const std::vector<PlotColumn>& plots,
                             PlotAnswer& answer) {
  const std::vector<BrowseColumn>& columns = page_->model()->columns();
  const std::size_t x = request.columns[0], y = request.columns[1];
  scatter_->setTitle(tr("%1 against %2").arg(titleOf(y), titleOf(x)));
  scatter_->setData(plots[0], plots[1], answer.keys ? RowKeys(answer.keys) : RowKeys());
  scatter_->setFeasible(std::move(answer.feasible));
  const Explorer::Study* own = study();
  scatter_->setConstraints(
      own == nullptr ? std::vector<ConstraintLine>()
                     : lines_of(own->config.constraints, columns[x].name, columns[y].name));
  if (request.study) askIntervals(*request.study, columns[x].name, columns[y].name);
}

void PlotsPanel::askIntervals(std::int64_t study_id, std::string x, std::string y) {
  const std::vector<RowKey> keys = scatter_->frontKeys();
  if (keys.empty() || keys.size() > kMostIntervals) return;
  page_->database()->ask(
      this, Lane::kNormal,
      [study_id, keys](Explorer& explorer) { return explorer.intervals(study_id, keys); },
      [this, x = std::move(x), y = std::move(y),
       drawing = life_](const Answer<Explorer::TrialIntervals>& answer) {
        if (drawing != life_ || !answer.value) return;  // without them the plot is still true
        const auto one = [](const auto& found, const std::string& column) {
          const auto interval = found.find(column);
          return interval == found.end() ? std::nullopt : std::optional(interval->second);
        };
        std::vector<RowIntervals> rows;
        for (const auto& [number, found] : *answer.value) {
          const RowIntervals row{number, one(found, x), one(found, y)};
          if (row.x || row.y) rows.push_back(row);
        }
        scatter_->setIntervals(std::move(rows));
      });
}

void PlotsPanel::showBest(const SearchRuns& runs) {
  const bool seconds = cost_->currentIndex() == 1;
  std::vector<SearchMethod> methods;
  for (const MethodRuns& method : runs.methods) {
    SearchMethod shown{.name = QString::fromStdString(method.name), .runs = {}};
    for (const StudyRun& run : method.runs) {
      shown.runs.push_back(
          {.values = run.values, .cost = seconds ? run.seconds : std::vector<double>()});
    }
    methods.push_back(std::move(shown));
  }
  const auto column = static_cast<std::size_t>(y_->currentData().toULongLong());
  const BrowseColumn& info = page_->model()->columns()[column];
  best_->setTitle(tr("Best %1 so far").arg(titleOf(column)));
  best_->setMethods(methods, seconds ? tr("time of all trials (s)") : tr("trials"),
                    QString::fromStdString(printable(title_with_unit(info))),
                    larger_is_better(info, page_->objectives()));
}

void PlotsPanel::showParallel(const std::vector<PlotColumn>& plots, const RowKeys& keys) {
  QStringList names;
  for (const PlotColumn& column : plots) names << column.title;
  const auto upward = static_cast<std::size_t>(y_->currentData().toULongLong());
  fillChoices(
      names, QString::fromStdString(printable(title_with_unit(page_->model()->columns()[upward]))));
  parallel_->setData(plots, keys);
  parallel_->setColorColumn(choice_->currentIndex());
}

void PlotsPanel::takeCurves(PlotAnswer answer) {
  read_curves_ = std::move(answer.curves);
  std::set<QString> quantities;
  for (const auto& [key, points] : read_curves_) {
    for (const CurvePoint& point : points) quantities.insert(quantity_of(point.name));
  }
  fillChoices({quantities.begin(), quantities.end()},
              first_quantity(quantities, page_->objectives()));
  showCurves();
}

void PlotsPanel::showCurves() {
  const QString wanted = choice_->currentText();
  std::vector<TrainingCurve> list;
  std::size_t without = 0;
  for (std::size_t i = 0; i < read_curves_.size(); ++i) {
    const auto& [key, points] = read_curves_[i];
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
  const std::size_t selected = page_->selection()->size();
  QStringList remarks;
  if (selected > kMostCurves) {
    remarks << tr("the first %1 of %2 selected").arg(kMostCurves).arg(counted(selected));
  }
  if (without > 0 && !list.empty()) remarks << tr("%1 selected without one").arg(without);
  curves_->setEmptyText(emptyReason());
  curves_->setTitle(wanted.isEmpty() ? tr("Training curves")
                                     : tr("Training curves: %1").arg(wanted));
  curves_->setSelectionShown(false);
  curves_->setRemark(remarks.join("; "));
  curves_->setCurves(std::move(list), tr("epoch"), quantity_title(wanted));
}

QString PlotsPanel::emptyReason() const {
  const bool filtered = !page_->model()->filterText().isEmpty();
  if (view() == kBestSoFar && !studyId())
    return tr("The rows of this table are not one search. Open a study to see its best so far.");
  if (view() == kBestSoFar) return tr("No complete trial of these studies has this metric yet.");
  if (view() == kCurve && !studyId())
    return tr("This table has no training curves. Open a study that trains its trials.");
  if (view() == kCurve) {
    const bool any = page_->selection()->size() > 0 || page_->selection()->current();
    return any ? tr("The selected trials were not trained here: they have no training curve.")
               : tr("Select trials in the table to see their training curves.");
  }
  if (view() == kCorrelation || view() == kParallel) {
    return tr("There is no column of numbers to show. Choose some with Columns (Alt+C).");
  }
  if (page_->model()->rowCount() == 0 && filtered) return tr("No row passes the filter.");
  if (page_->model()->rowCount() == 0) return tr("The table has no rows yet.");
  return tr("No row has a finite value in all columns that are drawn here.");
}

}  // namespace nas
