#include "gui/views/panels/workers_panel.h"

#include <QHeaderView>
#include <QLabel>
#include <QStyledItemDelegate>
#include <QTableView>
#include <QVBoxLayout>
#include <variant>

#include "core/util/terminal.h"
#include "gui/base/theme.h"

namespace nas {

namespace {

constexpr int kReadEveryMs = 2000;
constexpr double kSoonSeconds = 15;  // to the end of a lease
constexpr char kLease[] = "lease_seconds";

/// Shows a lease that is about to end, or has ended, in bold and in the colour of warnings.
class LeaseDelegate final : public QStyledItemDelegate {
 public:
  LeaseDelegate(const ResultModel* result, QObject* parent)
      : QStyledItemDelegate(parent), result_(result) {}

 protected:
  void initStyleOption(QStyleOptionViewItem* option, const QModelIndex& index) const override {
    QStyledItemDelegate::initStyleOption(option, index);
    const Table& table = result_->table();
    const auto column = static_cast<std::size_t>(index.column());
    if (table.columns[column].name != kLease) return;
    const Cell& cell = table.rows[static_cast<std::size_t>(index.row())][column];
    const auto* seconds = std::get_if<double>(&cell);
    if (seconds == nullptr || *seconds > kSoonSeconds) return;
    option->font.setBold(true);
    option->palette.setColor(QPalette::Text, Theme::of(option->palette).warning);
  }

 private:
  const ResultModel* result_;
};

}  // namespace

WorkersPanel::WorkersPanel(QWidget* parent)
    : QWidget(parent),
      result_(new ResultModel(this)),
      view_(new QTableView(this)),
      coordinators_(new QLabel(this)) {
  view_->setModel(result_);
  view_->setItemDelegate(new LeaseDelegate(result_, view_));
  view_->setAccessibleName(tr("Workers"));
  view_->setSelectionBehavior(QAbstractItemView::SelectRows);
  view_->setShowGrid(false);
  view_->setWordWrap(false);
  view_->setAlternatingRowColors(true);
  view_->setTabKeyNavigation(false);
  view_->verticalHeader()->hide();
  view_->verticalHeader()->setDefaultSectionSize(view_->fontMetrics().height() + 6);
  view_->horizontalHeader()->setStretchLastSection(true);
  view_->horizontalHeader()->setHighlightSections(false);
  coordinators_->setTextFormat(Qt::PlainText);
  coordinators_->setWordWrap(true);
  coordinators_->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
  coordinators_->setAccessibleName(tr("Who proposes trials"));
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(6, 4, 6, 6);
  layout->addWidget(coordinators_);
  layout->addWidget(view_, 1);
  timer_.setInterval(kReadEveryMs);
  connect(&timer_, &QTimer::timeout, this, &WorkersPanel::read);
  take({});
}

void WorkersPanel::setDatabase(Database* database) {
  if (database_ == database) return;
  database_ = database;
  reading_ = false;
  take({});
  if (isVisible()) read();
}

QString WorkersPanel::coordinators() const {
  return coordinators_->text();
}

void WorkersPanel::showEvent(QShowEvent* event) {
  QWidget::showEvent(event);
  timer_.start();
  read();
}

void WorkersPanel::hideEvent(QHideEvent* event) {
  QWidget::hideEvent(event);
  timer_.stop();
}

void WorkersPanel::read() {
  if (!database_ || reading_) return;
  reading_ = true;
  database_->ask(
      this, Lane::kNormal, [](Explorer& explorer) { return explorer.workers(); },
      [this, asked = database_](Answer<Explorer::Workers> answer) {
        if (asked != database_) return;
        reading_ = false;
        take(std::move(answer));
      });
}

void WorkersPanel::take(Answer<Explorer::Workers> answer) {
  Explorer::Workers workers = answer.value.value_or(Explorer::Workers{});
  QString text = QString::fromStdString(printable_lines(workers.coordinators)).trimmed();
  if (!answer.error.isEmpty()) text = answer.error;
  if (workers.table.rows.empty()) {
    text = text.isEmpty() ? tr("Nobody evaluates trials here") : text;
  }
  coordinators_->setText(text);
  const bool same = workers.table.columns.size() == result_->table().columns.size();
  result_->setTable(std::move(workers.table));
  if (!same) view_->resizeColumnsToContents();
}

}  // namespace nas
