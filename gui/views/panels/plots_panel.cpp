#include "gui/views/panels/plots_panel.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QSignalBlocker>
#include <QStackedWidget>
#include <QVBoxLayout>
#include <algorithm>
#include <utility>

#include "app/explorer/explorer_columns.h"
#include "core/util/text.h"
#include "gui/plots/best_plot.h"
#include "gui/plots/correlation_plot.h"
#include "gui/plots/curves_plot.h"
#include "gui/plots/distribution_plot.h"
#include "gui/plots/parallel_plot.h"
#include "gui/plots/scatter_plot.h"
#include "gui/plots/truth_plot.h"
#include "gui/views/panels/elided_box.h"

namespace nas {

namespace {

constexpr std::int64_t kSoonMs = 120;
constexpr std::int64_t kRestMs = 10'000;

int index_of(const QComboBox& box, std::size_t column) {
  return box.findData(QVariant::fromValue<qulonglong>(column));
}

}  // namespace

PlotsPanel::PlotsPanel(TablePage* page) : QWidget(page), page_(page) {
  build();
  timer_.setSingleShot(true);
  connect(&timer_, &QTimer::timeout, this, &PlotsPanel::read);
  connect(page->model(), &RowsModel::columnsChanged, this, &PlotsPanel::fillAxes);
  connect(page->model(), &RowsModel::countChanged, this, [this] {
    ready_ = false;
    const RowsModel& model = *page_->model();
    if (model.isBusy()) queried_ = true;
    if (model.isBusy() || model.countState() != RowsModel::Count::kComplete) return;
    if (std::exchange(queried_, false)) {
      later();
    } else {
      followWriters();
    }
  });
  const auto follow = [this] {
    if (view() == kCurve) later();
  };
  connect(page->selection(), &Selection::currentChanged, this, follow);
  connect(page->selection(), &Selection::changed, this, follow);
  changeView();
}

PlotsPanel::~PlotsPanel() {
  stop_.request_stop();
}

void PlotsPanel::build() {
  const auto box = [this](const QString& name) {
    auto* combo = new ElidedBox(this);
    combo->setAccessibleName(name);
    combo->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    combo->setMinimumContentsLength(12);
    return combo;
  };
  views_ = box(tr("Plot"));
  views_->addItems({tr("Scatter and Pareto front"), tr("Best so far"), tr("Parallel coordinates"),
                    tr("Distribution"), tr("Predictor against truth"), tr("Rank correlations"),
                    tr("Training curve")});
  views_->setMinimumContentsLength(22);
  x_ = box(tr("Horizontal axis"));
  y_ = box(tr("Vertical axis"));
  auto* plot_label = new QLabel(tr("&Plot"), this);
  plot_label->setBuddy(views_);
  x_label_ = new QLabel(tr("&x"), this);
  x_label_->setBuddy(x_);
  y_label_ = new QLabel(tr("&y"), this);
  y_label_->setBuddy(y_);
  cost_ = box(tr("Horizontal axis"));
  cost_->addItems({tr("trials"), tr("seconds")});
  choice_ = box(tr("Shown"));
  choice_label_ = new QLabel(this);
  choice_label_->setBuddy(choice_);
  auto* row = new QHBoxLayout;
  row->addWidget(plot_label);
  row->addWidget(views_, 1);
  row->addWidget(x_label_);
  row->addWidget(x_, 2);
  row->addWidget(cost_, 2);
  row->addWidget(y_label_);
  row->addWidget(y_, 2);
  row->addWidget(choice_label_);
  row->addWidget(choice_, 2);

  buildPlots();
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(4, 6, 6, 4);
  layout->addLayout(row);
  layout->addWidget(stack_, 1);
  connect(views_, &QComboBox::currentIndexChanged, this, &PlotsPanel::changeView);
  connect(x_, &QComboBox::currentIndexChanged, this, &PlotsPanel::followPredictor);
  connect(x_, &QComboBox::currentIndexChanged, this, &PlotsPanel::later);
  connect(y_, &QComboBox::currentIndexChanged, this, &PlotsPanel::later);
  connect(cost_, &QComboBox::currentIndexChanged, this, &PlotsPanel::later);
  connect(choice_, &QComboBox::activated, this, &PlotsPanel::changeChoice);
}

void PlotsPanel::buildPlots() {
  stack_ = new QStackedWidget(this);
  stack_->addWidget(scatter_ = new ScatterPlot(stack_));
  stack_->addWidget(best_ = new BestPlot(stack_));
  stack_->addWidget(parallel_ = new ParallelPlot(stack_));
  stack_->addWidget(distribution_ = new DistributionPlot(stack_));
  stack_->addWidget(truth_ = new TruthPlot(stack_));
  stack_->addWidget(correlation_ = new CorrelationPlot(stack_));
  stack_->addWidget(curves_ = new CurvesPlot(stack_));
  for (AxisPlot* plot : {static_cast<AxisPlot*>(scatter_), static_cast<AxisPlot*>(distribution_),
                         static_cast<AxisPlot*>(truth_), static_cast<AxisPlot*>(curves_)}) {
    plot->setSelection(page_->selection());
  }
  parallel_->setSelection(page_->selection());
  connect(parallel_, &ParallelPlot::colorColumnChanged, this, [this](int column) {
    choice_->setCurrentIndex(column);
    chosen_[kParallel] = choice_->currentText();
  });
  connect(correlation_, &CorrelationPlot::pairOpened, this, [this](int upward, int across) {
    const auto index = [this](int place) {
      return index_of(*x_, correlated_[static_cast<std::size_t>(place)]);
    };
    x_->setCurrentIndex(index(across));
    y_->setCurrentIndex(index(upward));
    setView(kScatter);
  });
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
  const bool choice = view() == kBestSoFar || view() == kParallel || view() == kCurve;
  x_->setVisible(x);
  x_label_->setVisible(x || view() == kBestSoFar);
  x_label_->setBuddy(view() == kBestSoFar ? cost_ : x_);
  cost_->setVisible(view() == kBestSoFar);
  y_->setVisible(y);
  y_label_->setVisible(y);
  choice_->setVisible(choice);
  choice_label_->setVisible(choice);
  choice_label_->setText(view() == kParallel ? tr("c&olour") : tr("&of"));
  choice_->setAccessibleName(view() == kBestSoFar  ? tr("Whose runs")
                             : view() == kParallel ? tr("Colour of the lines")
                                                   : tr("Which curve"));
  choice_->clear();
  if (view() == kBestSoFar) {
    const QStringList scopes{tr("this study"), tr("all its seeds"),
                             tr("all searches of its space")};
    fillChoices(scopes, scopes[1]);
  }
  changeAxes();
  later();
}

void PlotsPanel::fillChoices(const QStringList& texts, const QString& first) {
  QString wanted = chosen_[view()];
  if (!texts.contains(wanted)) wanted = first;
  const QSignalBlocker block(choice_);
  choice_->clear();
  choice_->addItems(texts);
  choice_->setCurrentIndex(std::max(0, static_cast<int>(texts.indexOf(wanted))));
}

void PlotsPanel::setChoice(const QString& text) {
  const int place = choice_->findText(text);
  if (place < 0) return;
  choice_->setCurrentIndex(place);
  changeChoice();
}

void PlotsPanel::changeChoice() {
  chosen_[view()] = choice_->currentText();
  if (view() == kCurve) {
    showCurves();
  } else if (view() == kParallel) {
    parallel_->setColorColumn(choice_->currentIndex());
  } else {
    later();
  }
}

void PlotsPanel::later() {
  ready_ = false;
  // What is on its way answers another question: its columns may not be those of this plot.
  ++life_;
  timer_.start(static_cast<int>(kSoonMs));
}

// What others add to a million rows every second must not make the window stutter: drawing all of
// them again gets one part in a hundred of the time.
void PlotsPanel::followWriters() {
  if (timer_.isActive()) return;
  const std::int64_t pause = 100 * show_ms_ - (shown_.isValid() ? shown_.elapsed() : 0);
  timer_.start(static_cast<int>(std::clamp(pause, kSoonMs, kRestMs)));
}

void PlotsPanel::setAxes(const std::string& x, const std::string& y) {
  const std::vector<BrowseColumn>& columns = page_->model()->columns();
  // First x: a predictor brings its truth, which y may replace.
  for (const auto& [box, name] : {std::pair(x_, x), std::pair(y_, y)}) {
    for (std::size_t i = 0; i < columns.size(); ++i) {
      if (columns[i].name == name && index_of(*box, i) >= 0)
        box->setCurrentIndex(index_of(*box, i));
    }
  }
}

void PlotsPanel::fillAxes() {
  const QSignalBlocker block_x(x_);
  const QSignalBlocker block_y(y_);
  keepAxes();
  x_->clear();
  y_->clear();
  const std::vector<BrowseColumn>& columns = page_->model()->columns();
  for (std::size_t i = 0; i < columns.size(); ++i) {
    if (columns[i].kind == BrowseKind::kText) continue;
    const QString name = QString::fromStdString(printable(columns[i].title));
    x_->addItem(name, QVariant::fromValue<qulonglong>(i));
    y_->addItem(name, QVariant::fromValue<qulonglong>(i));
  }
  restoreAxes();
  later();
}

void PlotsPanel::keepAxes() {
  if (x_->count() > 0) axes_[forecast_axes_] = {x_->currentText(), y_->currentText()};
}

void PlotsPanel::restoreAxes() {
  if (x_->count() == 0) return;
  // A study that runs gets columns: what was chosen stays.
  const auto [up, right] = forecast_axes_ ? firstForecast() : firstAxes();
  const auto restore = [](QComboBox& box, const QString& kept, std::size_t first) {
    const int place = kept.isEmpty() ? -1 : box.findText(kept);
    box.setCurrentIndex(std::max(0, place >= 0 ? place : index_of(box, first)));
  };
  restore(*x_, axes_[forecast_axes_].first, right);
  restore(*y_, axes_[forecast_axes_].second, up);
}

void PlotsPanel::changeAxes() {
  const bool forecast = view() == kTruth;
  if (forecast == forecast_axes_) return;
  const QSignalBlocker block_x(x_);
  const QSignalBlocker block_y(y_);
  keepAxes();
  forecast_axes_ = forecast;
  restoreAxes();
}

std::pair<std::size_t, std::size_t> PlotsPanel::firstAxes() const {
  const std::vector<BrowseColumn>& columns = page_->model()->columns();
  // The study's own objectives, else quality upwards and a cost to the right, as papers have it.
  const std::vector<Objective> objectives = page_->objectives();
  const std::vector<std::size_t> costs = cost_columns(columns, objectives);
  return {quality_column(columns, objectives), costs.empty() ? 0 : costs.front()};
}

std::pair<std::size_t, std::size_t> PlotsPanel::firstForecast() const {
  const std::vector<BrowseColumn>& columns = page_->model()->columns();
  const std::size_t quality = firstAxes().first;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    if (columns[i].kind != BrowseKind::kText && is_prediction(columns[i]))
      return {truth_of(columns, i).value_or(quality), i};
  }
  // Without a predictor any score will do: what is not a cost, and preferably not the quality of a
  // trained network.
  for (const bool trained : {false, true}) {
    for (std::size_t i = 0; i < columns.size(); ++i) {
      const bool score = columns[i].is_metric && i != quality && larger_is_better(columns[i]) &&
                         columns[i].kind != BrowseKind::kText;
      if (score && (trained || !is_trained_quality(columns[i]))) return {quality, i};
    }
  }
  return firstAxes();
}

/// A predictor is judged against what it was fitted on, unless another truth is chosen after it.
void PlotsPanel::followPredictor() {
  if (view() != kTruth) return;
  const auto predicted = static_cast<std::size_t>(x_->currentData().toULongLong());
  if (predicted >= page_->model()->columns().size()) return;
  const auto truth = truth_of(page_->model()->columns(), predicted);
  if (truth) y_->setCurrentIndex(index_of(*y_, *truth));
}

void PlotsPanel::setReady() {
  ready_ = true;
  // Counting the points when they are painted takes about as long again.
  show_ms_ = shown_.isValid() ? 2 * shown_.elapsed() : 0;
  Q_EMIT ready();
}

}  // namespace nas
