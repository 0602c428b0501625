#include "gui/views/panels/details_panel.h"

#include <QHeaderView>
#include <QLabel>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QTableWidget>
#include <QVBoxLayout>
#include <algorithm>
#include <variant>

#include "core/api/task.h"
#include "core/util/text.h"
#include "gui/plots/plot_data.h"

namespace nas {

DetailsPanel::DetailsPanel(QWidget* parent)
    : QWidget(parent),
      heading_(new QLabel(this)),
      text_(new QPlainTextEdit(this)),
      values_(new QTableWidget(0, 2, this)),
      draw_(new QPushButton(tr("&Draw the architecture"), this)) {
  heading_->setTextFormat(Qt::PlainText);
  heading_->setWordWrap(true);
  QFont bold = heading_->font();
  bold.setBold(true);
  heading_->setFont(bold);
  text_->setReadOnly(true);
  text_->setAccessibleName(tr("Architecture"));
  text_->setTabChangesFocus(true);
  text_->setMaximumHeight(fontMetrics().height() * 6);
  values_->setAccessibleName(tr("Values of the row"));
  values_->setEditTriggers(QAbstractItemView::NoEditTriggers);
  values_->setSelectionBehavior(QAbstractItemView::SelectRows);
  values_->setShowGrid(false);
  values_->setTabKeyNavigation(false);
  values_->setHorizontalHeaderLabels({tr("Property"), tr("Value")});
  values_->setTextElideMode(Qt::ElideMiddle);
  values_->horizontalHeader()->setStretchLastSection(true);
  values_->verticalHeader()->hide();
  values_->verticalHeader()->setDefaultSectionSize(fontMetrics().height() + 6);
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(6, 6, 6, 6);
  layout->addWidget(heading_);
  layout->addWidget(text_);
  layout->addWidget(draw_);
  layout->addWidget(values_, 1);
  connect(draw_, &QPushButton::clicked, this, &DetailsPanel::drawRequested);
  clear();
}

void DetailsPanel::setPage(TablePage* page) {
  if (page == page_) return;
  if (page_) {
    disconnect(page_->selection(), nullptr, this, nullptr);
    disconnect(page_->model(), nullptr, this, nullptr);
  }
  page_ = page;
  if (!page_) {
    clear();
    return;
  }
  connect(page_->selection(), &Selection::currentChanged, this, &DetailsPanel::read);
  // A running trial gets its values later.
  connect(page_->model(), &RowsModel::dataChanged, this,
          [this](const QModelIndex&, const QModelIndex&, const QList<int>& roles) {
            if (roles.isEmpty() && page_ && !page_->model()->isBusy()) read();
          });
  read();
}

QString DetailsPanel::architecture() const {
  return text_->toPlainText();
}

void DetailsPanel::clear() {
  ++life_;
  heading_->setText(tr("No row is selected"));
  text_->clear();
  values_->setRowCount(0);
  draw_->setEnabled(false);
}

void DetailsPanel::read() {
  if (!page_ || !page_->selection()->current() || !page_->model()->source()) {
    clear();
    return;
  }
  page_->database()->ask(
      this, Lane::kUrgent,
      [source = page_->model()->source(), key = *page_->selection()->current()](Explorer&) {
        return source->source().rows(std::span(&key, 1));
      },
      [this, life = ++life_](Answer<std::vector<BrowseRow>> answer) {
        if (life == life_ && page_ && answer.value && !answer.value->empty())
          show(answer.value->front());
      });
}

void DetailsPanel::show(const BrowseRow& row) {
  const std::vector<BrowseColumn>& columns = page_->model()->columns();
  if (row.cells.size() != columns.size()) return;
  const bool study = std::holds_alternative<std::int64_t>(page_->model()->table());
  heading_->setText((study ? tr("Trial %1 of %2") : tr("Row %1 of %2"))
                        .arg(row.key)
                        .arg(page_->title().left(80)));
  const auto text_in = [&](const char* name) {
    for (std::size_t i = 0; i < columns.size(); ++i) {
      const auto* text = std::get_if<std::string>(&row.cells[i]);
      if (columns[i].name == name && text != nullptr) return *text;
    }
    return std::string();
  };
  const auto add_network = [&](const QString& line, const std::string& network) {
    if (network.empty()) return;
    heading_->setText(heading_->text() + "\n" +
                      line.arg(QString::fromStdString(describe_task(network))));
  };
  const std::string judged = text_in("network"), trained = text_in("trained_network");
  add_network(tr("Judged as: %1"), judged);
  if (trained != judged) add_network(tr("Trained as: %1"), trained);
  values_->setRowCount(0);
  QStringList names;
  for (const BrowseColumn& column : columns)
    names << QString::fromStdString(printable(column.title));
  const QStringList shown = short_titles(names);
  for (std::size_t i = 0; i < columns.size(); ++i) {
    const QString text = QString::fromStdString(cell_text(row.cells[i], columns[i]));
    if (columns[i].name == "architecture") {
      text_->setPlainText(text);
      draw_->setEnabled(!text.isEmpty());
      continue;
    }
    if (text.isEmpty() || columns[i].name == "number") continue;
    const int place = values_->rowCount();
    values_->insertRow(place);
    const auto at = static_cast<qsizetype>(i);
    auto* name = new QTableWidgetItem(shown[at]);
    name->setToolTip("<p>" + names[at].left(1000).toHtmlEscaped() + "</p>");
    values_->setItem(place, 0, name);
    values_->setItem(place, 1, new QTableWidgetItem(text));
  }
  fitNames();
}

void DetailsPanel::resizeEvent(QResizeEvent* event) {
  QWidget::resizeEvent(event);
  fitNames();
}

// The names of a benchmark's columns are long: the values must not be pushed out.
void DetailsPanel::fitNames() {
  values_->resizeColumnToContents(0);
  const int heading =
      values_->fontMetrics().horizontalAdvance(values_->horizontalHeaderItem(0)->text()) + 20;
  const int most = values_->viewport()->width() * 2 / 3;
  values_->setColumnWidth(0, std::max(heading, std::min(most, values_->columnWidth(0))));
}

}  // namespace nas
