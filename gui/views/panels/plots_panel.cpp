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
#include "gui/plots/canvas.h"
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
      readAgain();
    } else {
      followWriters();
    }
  });
  const auto follow = [this] {
    if (current().followsSelection()) readAgain();
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
  for (const PlotKind* kind : plot_kinds()) views_->addItem(kind->title().remove('&'));
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

  stack_ = new QStackedWidget(this);
  for (const PlotKind* kind : plot_kinds()) {
    stack_->addWidget(plots_.emplace_back(kind->make(*this, stack_))->canvas());
  }
  chosen_.resize(plots_.size());
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(4, 6, 6, 4);
  layout->addLayout(row);
  layout->addWidget(stack_, 1);
  connect(views_, &QComboBox::currentIndexChanged, this, &PlotsPanel::changeView);
  connect(x_, &QComboBox::currentIndexChanged, this, &PlotsPanel::followPredictor);
  connect(x_, &QComboBox::currentIndexChanged, this, &PlotsPanel::readAgain);
  connect(y_, &QComboBox::currentIndexChanged, this, &PlotsPanel::readAgain);
  connect(cost_, &QComboBox::currentIndexChanged, this, &PlotsPanel::readAgain);
  connect(choice_, &QComboBox::activated, this, &PlotsPanel::changeChoice);
}

void PlotsPanel::showEvent(QShowEvent* event) {
  QWidget::showEvent(event);
  // A panel that nobody sees reads nothing.
  if (!ready_) readAgain();
}

std::string_view PlotsPanel::view() const {
  return plot_kinds()[static_cast<std::size_t>(views_->currentIndex())]->name;
}

void PlotsPanel::setView(int view) {
  views_->setCurrentIndex(view);
}

void PlotsPanel::setView(std::string_view name) {
  const auto kind = std::ranges::find(plot_kinds(), name, &PlotKind::name);
  if (kind != plot_kinds().end()) setView(static_cast<int>(kind - plot_kinds().begin()));
}

PlotView& PlotsPanel::current() const {
  return *plots_[static_cast<std::size_t>(views_->currentIndex())];
}

Canvas* PlotsPanel::canvas() const {
  return current().canvas();
}

void PlotsPanel::changeView() {
  stack_->setCurrentWidget(canvas());
  const PlotBoxes boxes = current().boxes();
  x_->setVisible(boxes.x);
  x_label_->setVisible(boxes.x || boxes.cost);
  x_label_->setBuddy(boxes.cost ? cost_ : x_);
  cost_->setVisible(boxes.cost);
  y_->setVisible(boxes.y);
  y_label_->setVisible(boxes.y);
  choice_->setVisible(!boxes.choice.isEmpty());
  choice_label_->setVisible(!boxes.choice.isEmpty());
  choice_label_->setText(boxes.choice);
  choice_->setAccessibleName(boxes.choice_name);
  choice_->clear();
  current().begin();
  changeAxes();
  readAgain();
}

void PlotsPanel::offer(const QStringList& texts, const QString& first) {
  QString wanted = chosen_[static_cast<std::size_t>(views_->currentIndex())];
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

void PlotsPanel::choose(int place) {
  choice_->setCurrentIndex(place);
  chosen_[static_cast<std::size_t>(views_->currentIndex())] = choice_->currentText();
}

void PlotsPanel::changeChoice() {
  choose(choice_->currentIndex());
  current().chosen();
}

void PlotsPanel::showPlot(std::string_view name, std::size_t across, std::size_t upward) {
  x_->setCurrentIndex(index_of(*x_, across));
  y_->setCurrentIndex(index_of(*y_, upward));
  setView(name);
}

void PlotsPanel::readAgain() {
  ready_ = false;
  // What is on its way answers another question: its columns may not be those of this plot.
  ++life_;
  timer_.start(static_cast<int>(kSoonMs));
}

std::size_t PlotsPanel::across() const {
  return static_cast<std::size_t>(x_->currentData().toULongLong());
}

std::size_t PlotsPanel::upward() const {
  return static_cast<std::size_t>(y_->currentData().toULongLong());
}

bool PlotsPanel::costIsTime() const {
  return cost_->currentIndex() == 1;
}

int PlotsPanel::choice() const {
  return choice_->currentIndex();
}

QString PlotsPanel::choiceText() const {
  return choice_->currentText();
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
  readAgain();
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
  const bool forecast = current().boxes().forecast;
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
  if (!current().boxes().forecast) return;
  const std::size_t predicted = across();
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
