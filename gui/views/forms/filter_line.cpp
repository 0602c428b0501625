#include "gui/views/forms/filter_line.h"

#include <QAbstractItemView>
#include <QKeyEvent>
#include <QScrollBar>
#include <QVBoxLayout>

#include "app/explorer/explorer_columns.h"
#include "app/explorer/explorer_filter.h"
#include "core/util/text.h"
#include "gui/base/theme.h"

namespace nas {

FilterLine::FilterLine(QWidget* parent)
    : QWidget(parent),
      edit_(new QLineEdit(this)),
      message_(new QLabel(this)),
      completer_(new QCompleter(this)),
      candidates_(new QStringListModel(this)) {
  edit_->setPlaceholderText(tr("Filter"));
  edit_->setAccessibleName(tr("Filter"));
  edit_->setAccessibleDescription(
      tr("Comparisons of columns joined by and, or, not. Enter applies it."));
  edit_->setClearButtonEnabled(true);
  edit_->installEventFilter(this);
  message_->setTextFormat(Qt::PlainText);
  message_->setWordWrap(true);
  message_->setAccessibleName(tr("Problem of the filter"));
  message_->hide();
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->setSpacing(2);
  layout->addWidget(edit_);
  layout->addWidget(message_);
  setFocusProxy(edit_);

  completer_->setModel(candidates_);
  completer_->setWidget(edit_);
  completer_->setCompletionMode(QCompleter::UnfilteredPopupCompletion);
  connect(completer_, qOverload<const QString&>(&QCompleter::activated), this, &FilterLine::insert);
  connect(edit_, &QLineEdit::textEdited, this, [this](const QString& text) {
    setProblem({});
    if (text.isEmpty()) {
      Q_EMIT entered(text);
    } else {
      complete(false);
    }
  });
  connect(edit_, &QLineEdit::returnPressed, this, [this] { Q_EMIT entered(edit_->text()); });
}

void FilterLine::setColumns(std::vector<BrowseColumn> columns,
                            const std::vector<Objective>& objectives) {
  columns_ = std::move(columns);
  const QString hint =
      QString::fromStdString(printable(filter_hint(columns_, objectives))).left(200);
  edit_->setPlaceholderText(hint.isEmpty() ? tr("Filter") : tr("Filter, such as  %1").arg(hint));
}

void FilterLine::setText(const QString& text) {
  if (edit_->text() != text) edit_->setText(text);
}

void FilterLine::setProblem(const QString& problem) {
  problem_ = problem;
  QPalette palette = message_->palette();
  palette.setColor(QPalette::WindowText, Theme::of(this->palette()).warning);
  message_->setPalette(palette);
  message_->setText(problem);
  message_->setVisible(!problem.isEmpty());
}

void FilterLine::focusEdit() {
  edit_->setFocus(Qt::ShortcutFocusReason);
  edit_->selectAll();
}

void FilterLine::changeEvent(QEvent* event) {
  QWidget::changeEvent(event);
  if (event->type() == QEvent::PaletteChange) setProblem(QString(problem_));
}

bool FilterLine::eventFilter(QObject* watched, QEvent* event) {
  if (watched != edit_ || event->type() != QEvent::KeyPress) return false;
  const auto* key = static_cast<const QKeyEvent*>(event);
  const bool asks = key->key() == Qt::Key_Down ||
                    (key->key() == Qt::Key_Space && (key->modifiers() & Qt::ControlModifier) != 0);
  if (!asks || completer_->popup()->isVisible()) return false;
  complete(true);
  return true;
}

void FilterLine::complete(bool all) {
  const QByteArray text = edit_->text().toUtf8();
  const auto cursor =
      static_cast<std::size_t>(edit_->text().left(edit_->cursorPosition()).toUtf8().size());
  const FilterCompletion completion = complete_filter(text.toStdString(), cursor, columns_);
  QStringList words;
  for (const std::string& word : completion.candidates) words << QString::fromStdString(word);
  const bool typed = completion.start < cursor;
  if (words.isEmpty() || (!typed && !all)) {
    completer_->popup()->hide();
    return;
  }
  candidates_->setStringList(words);
  QAbstractItemView* popup = completer_->popup();
  QRect place = edit_->rect();
  place.setWidth(popup->sizeHintForColumn(0) + popup->verticalScrollBar()->sizeHint().width() + 16);
  completer_->complete(place);
}

void FilterLine::insert(const QString& candidate) {
  const QString text = edit_->text();
  const QByteArray before = text.left(edit_->cursorPosition()).toUtf8();
  const FilterCompletion completion =
      complete_filter(text.toStdString(), static_cast<std::size_t>(before.size()), columns_);
  const QString head =
      QString::fromUtf8(before.left(static_cast<qsizetype>(completion.start))) + candidate + " ";
  edit_->setText(head + text.mid(edit_->cursorPosition()).trimmed());
  edit_->setCursorPosition(static_cast<int>(head.size()));
}

}  // namespace nas
