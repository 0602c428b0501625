#include "gui/views/forms/word_box.h"

#include <QCompleter>
#include <QFocusEvent>
#include <QLineEdit>
#include <QToolButton>
#include <QVBoxLayout>
#include <QWheelEvent>
#include <algorithm>

namespace nas {

WordBox::WordBox(QWidget* parent) : QComboBox(parent) {
  setEditable(true);
  setInsertPolicy(QComboBox::NoInsert);
  setFocusPolicy(Qt::StrongFocus);
  setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
  setMinimumContentsLength(12);
  lineEdit()->setClearButtonEnabled(true);
  completer()->setCaseSensitivity(Qt::CaseInsensitive);
  completer()->setFilterMode(Qt::MatchContains);
  completer()->setCompletionMode(QCompleter::PopupCompletion);
}

void WordBox::setWords(const QStringList& words, const QStringList& meanings) {
  // The list comes while somebody types: the text, the cursor and what is selected stay.
  const QString kept = currentText();
  const int cursor = lineEdit()->cursorPosition(), selected = lineEdit()->selectionStart();
  const auto length = static_cast<int>(lineEdit()->selectedText().size());
  const QSignalBlocker quiet(this);
  clear();
  for (qsizetype i = 0; i < words.size(); ++i) {
    addItem(words[i]);
    if (!meanings.value(i).isEmpty())
      setItemData(count() - 1, "<p>" + meanings[i].toHtmlEscaped() + "</p>", Qt::ToolTipRole);
  }
  setText(kept);
  if (!lineEdit()->hasFocus()) return;
  lineEdit()->setCursorPosition(cursor);
  if (selected >= 0) lineEdit()->setSelection(selected, length);
}

void WordBox::setText(const QString& text) {
  setCurrentIndex(findText(text));
  setEditText(text);
  lineEdit()->home(false);
}

void WordBox::setPlaceholder(const QString& text) {
  lineEdit()->setPlaceholderText(text);
}

void WordBox::wheelEvent(QWheelEvent* event) {
  if (hasFocus()) {
    QComboBox::wheelEvent(event);
  } else {
    event->ignore();
  }
}

ValueList::ValueList(QWidget* parent) : QWidget(parent) {
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->setSpacing(4);
  auto* add = new QToolButton(this);
  add->setText(tr("+ Another"));
  connect(add, &QToolButton::clicked, this, [this] { addLine({})->setFocus(); });
  layout->addWidget(add);
  add_ = add;
  addLine({});
}

WordBox* ValueList::addLine(const QString& value) {
  auto* row = new QWidget(this);
  auto* beside = new QHBoxLayout(row);
  beside->setContentsMargins(0, 0, 0, 0);
  auto* line = new WordBox(row);
  line->setWords(words_, meanings_);
  line->setPlaceholder(placeholder_);
  line->setText(value);
  line->setAccessibleName(name_);
  line->setAccessibleDescription(help_);
  auto* remove = new QToolButton(row);
  remove->setText(QStringLiteral("−"));
  remove->setToolTip(tr("Remove this line"));
  remove->setAccessibleName(tr("Remove a line of %1").arg(name_));
  beside->addWidget(line, 1);
  beside->addWidget(remove);
  auto* layout = static_cast<QVBoxLayout*>(this->layout());
  layout->insertWidget(layout->count() - 1, row);
  lines_.push_back(line);
  connect(line, &QComboBox::currentTextChanged, this, &ValueList::changed);
  connect(remove, &QToolButton::clicked, this, [this, line] { removeLine(line); });
  return line;
}

void ValueList::removeLine(WordBox* line) {
  if (lines_.size() == 1) {  // one stays to write in
    line->setText({});
    return;
  }
  std::erase(lines_, line);
  line->parentWidget()->hide();
  line->parentWidget()->deleteLater();
  Q_EMIT changed();
}

void ValueList::focusInEvent(QFocusEvent* event) {
  lines_.front()->setFocus(event->reason());
}

QStringList ValueList::values() const {
  QStringList values;
  for (const WordBox* line : lines_) {
    if (!line->text().isEmpty()) values << line->text();
  }
  return values;
}

void ValueList::setValues(const QStringList& values) {
  while (lines_.size() > 1) removeLine(lines_.back());
  lines_.front()->setText(values.value(0));
  for (const QString& value : values.mid(1)) addLine(value);
  Q_EMIT changed();
}

void ValueList::setWords(const QStringList& words, const QStringList& meanings) {
  words_ = words;
  meanings_ = meanings;
  for (WordBox* line : lines_) line->setWords(words, meanings);
}

void ValueList::setPlaceholder(const QString& text) {
  placeholder_ = text;
  for (WordBox* line : lines_) line->setPlaceholder(text);
}

void ValueList::setName(const QString& name, const QString& help) {
  name_ = name;
  help_ = help;
  add_->setAccessibleName(tr("Another line of %1").arg(name));
  for (WordBox* line : lines_) {
    line->setAccessibleName(name);
    line->setAccessibleDescription(help);
    for (auto* button : line->parentWidget()->findChildren<QToolButton*>())
      button->setAccessibleName(tr("Remove a line of %1").arg(name));
  }
}

}  // namespace nas
