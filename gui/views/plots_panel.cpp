#include "gui/views/plots_panel.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QSignalBlocker>
#include <QStackedWidget>
#include <QVBoxLayout>
#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

#include "gui/plots/best_plot.h"
#include "gui/plots/correlation_plot.h"
#include "gui/plots/curves_plot.h"
#include "gui/plots/distribution_plot.h"
#include "gui/plots/parallel_plot.h"
#include "gui/plots/scatter_plot.h"
#include "gui/plots/truth_plot.h"

namespace nas {

namespace {

constexpr std::size_t kMostParallel = 8;
constexpr std::size_t kMostCorrelated = 24;

int index_of(const QComboBox& box, std::size_t column) {
  return box.findData(QVariant::fromValue<qulonglong>(column));
}

std::size_t column_of(const QComboBox& box) {
  return static_cast<std::size_t>(box.currentData().toULongLong());
}

}  // namespace

PlotsPanel::PlotsPanel(TablePage* page) : QWidget(page), page_(page) {
  build();
  timer_.setSingleShot(true);
  timer_.setInterval(120);
  connect(&timer_, &QTimer::timeout, this, &PlotsPanel::read);
  connect(page->model(), &RowsModel::columnsChanged, this, &PlotsPanel::fillAxes);
  connect(page->model(), &RowsModel::countChanged, this, [this] {
    ready_ = false;
    if (page_->model()->countState() == RowsModel::Count::kComplete && !page_->model()->isBusy())
      later();
  });
  connect(page->selection(), &Selection::currentChanged, this, [this] {
    if (view() == kCurve) later();
  });
  changeView();
}

PlotsPanel::~PlotsPanel() {
  stop_.request_stop();
}

void PlotsPanel::build() {
  const auto box = [this](const QString& name) {
    auto* combo = new QComboBox(this);
    combo->setAccessibleName(name);
    combo->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    combo->setMinimumContentsLength(12);
    return combo;
  };
  views_ = box(tr("Plot"));
  views_->addItems({tr("Scatter and Pareto front"), tr("Best so far"), tr("Parallel coordinates"),
                    tr("Distribution"), tr("Predictor against truth"), tr("Rank correlations"),
                    tr("Training curve")});
  views_->setMinimumContentsLength(20);
  x_ = box(tr("Horizontal axis"));
  y_ = box(tr("Vertical axis"));
  auto* plot_label = new QLabel(tr("&Plot"), this);
  plot_label->setBuddy(views_);
  x_label_ = new QLabel(tr("&x"), this);
  x_label_->setBuddy(x_);
  y_label_ = new QLabel(tr("&y"), this);
  y_label_->setBuddy(y_);
  auto* row = new QHBoxLayout;
  row->addWidget(plot_label);
  row->addWidget(views_, 2);
  row->addWidget(x_label_);
  row->addWidget(x_, 1);
  row->addWidget(y_label_);
  row->addWidget(y_, 1);

  stack_ = new QStackedWidget(this);
  stack_->addWidget(scatter_ = new ScatterPlot(stack_));
  stack_->addWidget(best_ = new BestPlot(stack_));
  stack_->addWidget(parallel_ = new ParallelPlot(stack_));
  stack_->addWidget(distribution_ = new DistributionPlot(stack_));
  stack_->addWidget(truth_ = new TruthPlot(stack_));
  stack_->addWidget(correlation_ = new CorrelationPlot(stack_));
  stack_->addWidget(curves_ = new CurvesPlot(stack_));
  for (AxisPlot* plot : {static_cast<AxisPlot*>(scatter_), static_cast<AxisPlot*>(distribution_),
                         static_cast<AxisPlot*>(truth_)}) {
    plot->setSelection(page_->selection());
  }
  parallel_->setSelection(page_->selection());
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(4, 6, 6, 4);
  layout->addLayout(row);
  layout->addWidget(stack_, 1);
  connect(correlation_, &CorrelationPlot::pairOpened, this, [this](int upward, int across) {
    const auto index = [this](int place) {
      return index_of(*x_, correlated_[static_cast<std::size_t>(place)]);
    };
    x_->setCurrentIndex(index(across));
    y_->setCurrentIndex(index(upward));
    setView(kScatter);
  });
  connect(views_, &QComboBox::currentIndexChanged, this, &PlotsPanel::changeView);
  connect(x_, &QComboBox::currentIndexChanged, this, &PlotsPanel::later);
  connect(y_, &QComboBox::currentIndexChanged, this, &PlotsPanel::later);
}

void PlotsPanel::showEvent(QShowEvent* event) {
  QWidget::showEvent(event);
  // A panel that nobody sees reads nothing.
  if (!ready_) later();
}

PlotsPanel::View PlotsPanel::view() const {
  return static_cast<View>(views_->currentIndex());
}

void PlotsPanel::setView(View view) {
  views_->setCurrentIndex(view);
}

Canvas* PlotsPanel::canvas() const {
  return qobject_cast<Canvas*>(stack_->currentWidget());
}

void PlotsPanel::changeView() {
  stack_->setCurrentIndex(view());
  const bool x = view() == kScatter || view() == kDistribution || view() == kTruth;
  const bool y = view() == kScatter || view() == kTruth || view() == kBestSoFar;
  x_->setVisible(x);
  x_label_->setVisible(x);
  y_->setVisible(y);
  y_label_->setVisible(y);
  ready_ = false;
  later();
}

void PlotsPanel::setAxes(const std::string& x, const std::string& y) {
  const std::vector<BrowseColumn>& columns = page_->model()->columns();
  for (std::size_t i = 0; i < columns.size(); ++i) {
    if (columns[i].name == x && index_of(*x_, i) >= 0) x_->setCurrentIndex(index_of(*x_, i));
    if (columns[i].name == y && index_of(*y_, i) >= 0) y_->setCurrentIndex(index_of(*y_, i));
  }
}

void PlotsPanel::fillAxes() {
  const QSignalBlocker block_x(x_);
  const QSignalBlocker block_y(y_);
  x_->clear();
  y_->clear();
  const std::vector<BrowseColumn>& columns = page_->model()->columns();
  for (std::size_t i = 0; i < columns.size(); ++i) {
    if (columns[i].kind == BrowseKind::kText) continue;
    const QString name = QString::fromStdString(columns[i].title);
    x_->addItem(name, QVariant::fromValue<qulonglong>(i));
    y_->addItem(name, QVariant::fromValue<qulonglong>(i));
  }
  const auto [quality, cost] = firstAxes();
  x_->setCurrentIndex(std::max(0, index_of(*x_, cost)));
  y_->setCurrentIndex(std::max(0, index_of(*y_, quality)));
  later();
}

std::pair<std::size_t, std::size_t> PlotsPanel::firstAxes() const {
  const std::vector<BrowseColumn>& columns = page_->model()->columns();
  // The study's own objectives, else quality upwards and a cost to the right, as papers have it.
  std::size_t quality = 0;
  std::size_t cost = 0;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    if (columns[i].kind == BrowseKind::kText) continue;
    const bool good = larger_is_better(columns[i]);
    if (quality == 0 && columns[i].is_metric && good) quality = i;
    if (cost == 0 && !good && columns[i].name != "number" && columns[i].name != "seconds") cost = i;
  }
  const auto* id = std::get_if<std::int64_t>(&page_->model()->table());
  const Explorer::Study* study = id == nullptr ? nullptr : page_->database()->findStudy(*id);
  if (study == nullptr) return {quality, cost};
  const std::vector<Objective>& objectives = study->row.spec.objectives;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    const auto is = [&](std::size_t place) {
      return place < objectives.size() &&
             (columns[i].name == objectives[place].metric ||
              columns[i].name.starts_with(objectives[place].metric + "@"));
    };
    if (is(0)) quality = i;
    if (is(1)) cost = i;
  }
  return {quality, cost};
}

std::vector<std::size_t> PlotsPanel::wantedColumns() const {
  const std::vector<BrowseColumn>& columns = page_->model()->columns();
  switch (view()) {
    case kScatter:
    case kTruth:
      return {column_of(*x_), column_of(*y_)};
    case kBestSoFar:
      return {column_of(*y_)};
    case kDistribution:
      return {column_of(*x_)};
    case kParallel:
    case kCorrelation:
      break;
    case kCurve:
    case kViews:
      return {};
  }
  const bool parallel = view() == kParallel;
  std::vector<std::size_t> wanted;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    if (columns[i].kind == BrowseKind::kText || columns[i].name == "number") continue;
    if (parallel ? !page_->columnsModel()->isShown(i) : !columns[i].is_metric) continue;
    if (wanted.size() < (parallel ? kMostParallel : kMostCorrelated)) wanted.push_back(i);
  }
  return wanted;
}

PlotsPanel::Columns PlotsPanel::readColumns(ExplorerTable& table,
                                            const std::vector<std::size_t>& wanted,
                                            std::shared_ptr<const std::vector<RowKey>> keys,
                                            std::stop_token stop) {
  Columns data;
  if (keys) {
    auto sorted = std::make_shared<std::vector<RowKey>>(*keys);
    std::sort(sorted->begin(), sorted->end());
    data.keys = sorted;
  }
  for (const std::size_t column : wanted) {
    auto values = table.values(column, stop);
    data.stopped = data.stopped || !values;
    if (data.stopped) return data;
    if (data.keys) {
      auto passing = std::make_shared<std::vector<double>>();
      passing->reserve(data.keys->size());
      for (const RowKey key : *data.keys) {
        const auto place = static_cast<std::size_t>(key);
        passing->push_back(place < values->size() ? (*values)[place] : std::nan(""));
      }
      values = passing;
    }
    data.values.push_back(std::move(values));
  }
  return data;
}

void PlotsPanel::read() {
  RowsModel* model = page_->model();
  if (model->isBusy() || !model->source() || !isVisibleTo(window())) return;
  if (view() == kCurve) {
    readCurve();
    return;
  }
  stop_.request_stop();
  stop_ = std::stop_source();
  const std::vector<std::size_t> wanted = wantedColumns();
  const auto keys = model->filterText().isEmpty() ? nullptr : model->keys();
  page_->database()->ask(
      this, Lane::kNormal,
      [table = model->source(), wanted, keys, stop = stop_.get_token()](Explorer&) {
        return readColumns(*table, wanted, keys, stop);
      },
      [this, wanted, life = ++life_](Answer<Columns> answer) {
        if (life != life_) return;
        if (!answer.value) {
          Q_EMIT message(answer.error);
        } else if (!answer.value->stopped) {
          show(wanted, *answer.value);
        }
      });
}

PlotColumn PlotsPanel::plotColumn(std::size_t column, const Columns& got, std::size_t place) const {
  const BrowseColumn& info = page_->model()->columns()[column];
  return {.title = QString::fromStdString(info.title),
          .maximize = larger_is_better(info),
          .values = got.values[place]};
}

void PlotsPanel::show(const std::vector<std::size_t>& columns, const Columns& got) {
  const RowKeys keys = got.keys ? RowKeys(got.keys) : RowKeys();
  std::vector<PlotColumn> plots;
  for (std::size_t i = 0; i < columns.size(); ++i) plots.push_back(plotColumn(columns[i], got, i));
  if (plots.empty()) return;
  switch (view()) {
    case kScatter:
      scatter_->setTitle(tr("%1 against %2").arg(plots[1].title, plots[0].title));
      scatter_->setData(plots[0], plots[1], keys);
      break;
    case kBestSoFar:
      showBest(plots[0]);
      break;
    case kParallel:
      parallel_->setData(plots, keys);
      break;
    case kDistribution:
      distribution_->setData(plots[0], keys);
      break;
    case kTruth:
      truth_->setForecast(plots[0], plots[1], false, keys);
      break;
    case kCorrelation:
      correlated_ = columns;
      correlation_->setColumns(plots);
      break;
    case kCurve:
    case kViews:
      break;
  }
  setReady();
}

void PlotsPanel::showBest(const PlotColumn& column) {
  SearchMethod method;
  method.name = page_->title();
  method.runs.push_back({.values = *column.values, .cost = {}});
  best_->setMethods({method}, tr("trials"), column.title, column.maximize);
}

void PlotsPanel::readCurve() {
  const auto* study = std::get_if<std::int64_t>(&page_->model()->table());
  const auto key = page_->selection()->current();
  if (study == nullptr || !key) {
    curves_->setCurves({}, tr("epoch"), {});
    setReady();
    return;
  }
  page_->database()->ask(
      this, Lane::kNormal,
      [id = *study, number = *key](Explorer& explorer) { return explorer.curve(id, number); },
      [this, life = ++life_, number = *key](Answer<std::vector<CurvePoint>> answer) {
        if (life != life_ || !answer.value) return;
        std::map<std::string, TrainingCurve> curves;
        for (const CurvePoint& point : *answer.value) {
          // Losses and rates have other units than accuracies.
          if (point.name.find("accuracy") == std::string::npos) continue;
          TrainingCurve& curve = curves[point.name];
          curve.name = tr("%1 of trial %2").arg(QString::fromStdString(point.name)).arg(number);
          curve.key = number;
          curve.epochs.push_back(static_cast<double>(point.epoch));
          curve.values.push_back(point.value);
        }
        std::vector<TrainingCurve> list;
        for (auto& [name, curve] : curves) list.push_back(std::move(curve));
        curves_->setCurves(std::move(list), tr("epoch"), tr("accuracy (%)"));
        setReady();
      });
}

void PlotsPanel::setReady() {
  ready_ = true;
  Q_EMIT ready();
}

}  // namespace nas
