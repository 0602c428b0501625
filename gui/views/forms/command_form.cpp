#include "gui/views/forms/command_form.h"

#include <QCheckBox>
#include <QClipboard>
#include <QComboBox>
#include <QCompleter>
#include <QDialogButtonBox>
#include <QFileDialog>
#include <QFormLayout>
#include <QGuiApplication>
#include <QLabel>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QProcess>
#include <QPushButton>
#include <QScrollArea>
#include <QToolButton>
#include <QVBoxLayout>
#include <utility>

#include "gui/base/theme.h"
#include "gui/jobs/nasctl_process.h"
#include "gui/views/forms/option_words.h"
#include "gui/views/forms/word_box.h"
#include "gui/views/forms/word_menu.h"

namespace nas {

namespace {

QLabel* plain_label(const QString& text, QWidget* parent) {
  auto* label = new QLabel(text, parent);
  label->setTextFormat(Qt::PlainText);
  label->setWordWrap(true);
  return label;
}

void color_text(QLabel& label, const QColor& color) {
  QPalette colours = label.palette();
  colours.setColor(QPalette::WindowText, color);
  label.setPalette(colours);
}

/// Kinds of values that nasctl can list (`word_list_of`).
bool is_listed(const CommandField& field) {
  const QStringList kinds = {"space", "searcher", "study", "benchmark", "predictor", "dataset"};
  return kinds.contains(field.completes);
}

/// As QProcess::splitCommand takes it apart.
QString quoted(const QStringList& values) {
  QStringList words;
  for (QString value : values) {
    const bool plain = !value.contains(' ') && !value.contains('"');
    words << (plain ? value : "\"" + value.replace("\"", "\"\"\"") + "\"");
  }
  return words.join(' ');
}

void offer(QWidget* editor, const QStringList& words, const QStringList& meanings) {
  if (words.isEmpty()) return;
  if (auto* list = qobject_cast<ValueList*>(editor)) list->setWords(words, meanings);
  if (auto* box = qobject_cast<WordBox*>(editor)) box->setWords(words, meanings);
}

bool is_shown(const CommandField& field) {
  // How output looks is the explorer's business; which database it is about is not.
  return !field.shared || field.name == "store";
}

/// What takes the keyboard for an editor. (A focus proxy would hide the other stops of a list from
/// the Tab key.)
QWidget* written_in(QWidget* editor) {
  auto* list = qobject_cast<ValueList*>(editor);
  return list == nullptr ? editor : list->lines().front();
}

}  // namespace

CommandForm::CommandForm(CommandRecord record, QStringList added, QWidget* parent)
    : QDialog(parent), record_(std::move(record)), added_(std::move(added)) {
  setWindowTitle(tr("nasctl %1").arg(record_.command));
  resize(680, 720);
  build();
  for (const CommandField& field : record_.fields) {
    const OfferedWords offered =
        words_of(field, [this](const QString& name) { return value(name); });
    if (is_shown(field)) offer(editorOf(field.name), offered.words, offered.meanings);
  }
  showCommand();
}

void CommandForm::build() {
  auto* content = new QWidget(this);
  auto* form = new QFormLayout(content);
  form->setFieldGrowthPolicy(QFormLayout::AllNonFixedFieldsGrow);
  form->setVerticalSpacing(9);
  for (const bool required : {true, false}) {
    for (const CommandField& field : record_.fields) {
      const bool first = field.required || field.positional;
      if (is_shown(field) && first == required) addField(*form, field);
    }
  }
  auto* scroll = new QScrollArea(this);
  scroll->setWidget(content);
  scroll->setWidgetResizable(true);
  scroll->setFrameShape(QFrame::NoFrame);
  scroll->setFocusPolicy(Qt::NoFocus);  // its fields scroll it

  QLabel* heading = plain_label(record_.summary.left(1).toUpper() + record_.summary.mid(1), this);
  QFont bold = heading->font();
  bold.setBold(true);
  bold.setPointSizeF(bold.pointSizeF() * 1.2);
  heading->setFont(bold);
  command_ = new QPlainTextEdit(this);
  command_->setReadOnly(true);
  command_->setTabChangesFocus(true);
  command_->setAccessibleName(tr("The command that will run"));
  command_->setMaximumHeight(fontMetrics().height() * 5);
  problem_ = plain_label({}, this);
  problem_->setAccessibleName(tr("What is missing"));
  problem_->hide();
  auto* buttons = new QDialogButtonBox(QDialogButtonBox::Ok | QDialogButtonBox::Cancel, this);
  run_ = buttons->button(QDialogButtonBox::Ok);
  run_->setText(tr("&Run"));
  QPushButton* copy = buttons->addButton(tr("&Copy the command"), QDialogButtonBox::ActionRole);
  connect(copy, &QPushButton::clicked, this,
          [this] { QGuiApplication::clipboard()->setText(command_->toPlainText()); });
  connect(buttons, &QDialogButtonBox::accepted, this, &CommandForm::accept);
  connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);

  auto* layout = new QVBoxLayout(this);
  layout->addWidget(heading);
  if (!record_.description.isEmpty()) layout->addWidget(addMuted(record_.description.simplified()));
  layout->addWidget(scroll, 1);
  layout->addWidget(problem_);
  layout->addWidget(command_);
  layout->addWidget(buttons);
  tint();
}

QLabel* CommandForm::addMuted(const QString& text) {
  muted_ << plain_label(text, this);
  return muted_.back();
}

void CommandForm::tint() {
  const Theme theme = Theme::of(palette());
  for (QLabel* label : muted_) color_text(*label, theme.muted);
  color_text(*problem_, theme.warning);
}

void CommandForm::changeEvent(QEvent* event) {
  QDialog::changeEvent(event);
  if (event->type() == QEvent::PaletteChange && problem_ != nullptr) tint();
}

void CommandForm::addField(QFormLayout& layout, const CommandField& field) {
  QWidget* row = makeEditor(field);
  QWidget* editor = editors_.at(field.name);
  QString name = field.positional ? field.name.toLower() : field.name;
  name.replace('-', ' ');
  editor->setObjectName(field.name);
  editor->setAccessibleName(name);
  editor->setAccessibleDescription(field.help);
  editor->setToolTip("<p>" + field.help.toHtmlEscaped() + "</p>");
  auto* label = new QLabel(field.required ? tr("%1 *").arg(name) : name, this);
  label->setTextFormat(Qt::PlainText);
  label->setBuddy(written_in(editor));
  auto* column = new QVBoxLayout;
  column->setSpacing(2);
  column->addWidget(row);
  column->addWidget(addMuted(field.required ? tr("%1 (required)").arg(field.help) : field.help));
  if (field.isFlag()) {  // its box has the name
    label->hide();
    layout.addRow(QString(), column);
    return;
  }
  layout.addRow(label, column);
}

QWidget* CommandForm::makeEditor(const CommandField& field) {
  QWidget*& editor = editors_[field.name];
  if (field.isFlag()) {
    auto* box = new QCheckBox(QString(field.name).replace('-', ' '), this);
    connect(box, &QCheckBox::toggled, this, &CommandForm::showCommand);
    return editor = box;
  }
  if (!field.choices.isEmpty()) {
    auto* box = new QComboBox(this);
    box->addItem(tr("as nasctl chooses"), QString());
    for (const QString& choice : field.choices) box->addItem(choice, choice);
    connect(box, &QComboBox::currentIndexChanged, this,
            [this, name = field.name] { followChoice(name); });
    return editor = box;
  }
  const QStringList files = {"file", "path", "new-file", "dir"};
  if (field.repeated && !files.contains(field.completes)) {
    auto* list = new ValueList(this);
    list->setPlaceholder(field.value.isEmpty() ? field.name : field.value);
    list->setName(QString(field.name).replace('-', ' '), field.help);
    connect(list, &ValueList::changed, this, &CommandForm::showCommand);
    return editor = list;
  }
  if (is_listed(field)) {
    auto* box = new WordBox(this);
    box->setPlaceholder(field.value);
    connect(box, &QComboBox::currentTextChanged, this,
            [this, name = field.name] { followChoice(name); });
    return editor = box;
  }
  auto* line = new QLineEdit(this);
  line->setPlaceholderText(field.repeated
                               ? tr("%1 %1 … (in quotes where it has blanks)")
                                     .arg(field.value.isEmpty() ? field.name : field.value)
                               : field.value);
  line->setClearButtonEnabled(true);
  connect(line, &QLineEdit::textChanged, this, &CommandForm::showCommand);
  editor = line;
  return files.contains(field.completes) ? withBrowse(field, line) : line;
}

/// The options that can be given depend on what they are options of.
void CommandForm::followChoice(const QString& name) {
  for (const QString& follower : fields_after(name)) {
    const CommandField* field = record_.find(follower);
    if (field == nullptr) continue;
    const OfferedWords offered =
        words_of(*field, [this](const QString& other) { return value(other); });
    if (auto* list = qobject_cast<ValueList*>(editorOf(follower)))
      list->setWords(offered.words, offered.meanings);
  }
  showCommand();
}

QWidget* CommandForm::withBrowse(const CommandField& field, QLineEdit* line) {
  auto* row = new QWidget(this);
  auto* layout = new QHBoxLayout(row);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->addWidget(line, 1);
  const auto button = [&](const QString& text, bool directory) {
    auto* choose = new QToolButton(row);
    choose->setText(text);
    choose->setAccessibleName(tr("%1 for %2").arg(text, field.name));
    connect(choose, &QToolButton::clicked, this,
            [this, field, line, directory] { browse(field, line, directory); });
    layout->addWidget(choose);
  };
  if (field.completes != "dir") button(tr("Browse…"), false);
  if (field.completes == "dir" || field.completes == "path") button(tr("Folder…"), true);
  return row;
}

void CommandForm::browse(const CommandField& field, QLineEdit* line, bool directory) {
  QString path;
  if (directory) {
    path = QFileDialog::getExistingDirectory(this, field.help, line->text());
  } else if (field.completes == "new-file" || field.name == "store") {
    // A database is made when it is not there, and kept when it is.
    path = QFileDialog::getSaveFileName(
        this, field.help, line->text(), {}, nullptr,
        field.name == "store" ? QFileDialog::DontConfirmOverwrite : QFileDialog::Options());
  } else {
    path = QFileDialog::getOpenFileName(this, field.help, line->text());
  }
  if (!path.isEmpty()) line->setText(path);
}

QWidget* CommandForm::editorOf(const QString& name) const {
  const auto found = editors_.find(name);
  return found == editors_.end() ? nullptr : found->second;
}

void CommandForm::setValue(const QString& name, const QString& value) {
  QWidget* editor = editorOf(name);
  if (auto* box = qobject_cast<QCheckBox*>(editor)) {
    box->setChecked(value == "true");
  } else if (auto* words = qobject_cast<ValueList*>(editor)) {
    words->setValues(QProcess::splitCommand(value));
  } else if (auto* word = qobject_cast<WordBox*>(editor)) {
    word->setText(value);
  } else if (auto* list = qobject_cast<QComboBox*>(editor)) {
    list->setCurrentIndex(std::max(0, list->findData(value)));
  } else if (auto* line = qobject_cast<QLineEdit*>(editor)) {
    line->setText(value);
    line->home(false);
  }
}

QString CommandForm::value(const QString& name) const {
  const QWidget* editor = editorOf(name);
  if (const auto* box = qobject_cast<const QCheckBox*>(editor))
    return box->isChecked() ? "true" : "false";
  if (const auto* words = qobject_cast<const ValueList*>(editor)) return quoted(words->values());
  if (const auto* word = qobject_cast<const WordBox*>(editor)) return word->text();
  if (const auto* list = qobject_cast<const QComboBox*>(editor))
    return list->currentData().toString();
  if (const auto* line = qobject_cast<const QLineEdit*>(editor)) return line->text().trimmed();
  return {};
}

QStringList CommandForm::wordKinds() const {
  QStringList kinds;
  for (const CommandField& field : record_.fields) {
    const QString& kind = field.completes;
    if (is_shown(field) && !kind.isEmpty() && !kinds.contains(kind)) kinds << kind;
  }
  return kinds;
}

void CommandForm::offerWords(const QString& kind, const QStringList& words,
                             const QStringList& meanings) {
  for (const CommandField& field : record_.fields) {
    if (field.completes != kind) continue;
    offer(editorOf(field.name), words, meanings);
    auto* line = qobject_cast<QLineEdit*>(editorOf(field.name));
    if (line == nullptr) continue;
    if (kind == "proxies") {
      add_word_menu(line, words, meanings, proxy_parts, with_proxy);
      continue;
    }
    auto* completer = new QCompleter(words, line);
    completer->setCaseSensitivity(Qt::CaseInsensitive);
    completer->setFilterMode(Qt::MatchContains);
    line->setCompleter(completer);
  }
}

QStringList CommandForm::values(const CommandField& field) const {
  if (const auto* list = qobject_cast<const ValueList*>(editorOf(field.name)))
    return list->values();
  const QString text = value(field.name);
  if (field.repeated) return QProcess::splitCommand(text);
  // An architecture or a path may begin with a blank, but none is meant where there is nothing
  // else.
  return text.isEmpty() ? QStringList() : QStringList(text);
}

QStringList CommandForm::arguments() const {
  QStringList words = record_.command.split(' ');
  QStringList last;
  for (const CommandField& field : record_.fields) {
    if (!is_shown(field)) continue;
    for (const QString& text : values(field)) {
      const bool dash = text.startsWith('-');  // would be read as an option
      if (field.positional) {
        (dash ? last : words) << text;
      } else if (field.isFlag()) {
        if (text == "true") words << "--" + field.name;
      } else if (dash) {
        words << "--" + field.name + "=" + text;
      } else {
        words << "--" + field.name << text;
      }
    }
  }
  words << added_;
  return last.isEmpty() ? words : words << "--" << last;
}

QString CommandForm::problem() const {
  for (const CommandField& field : record_.fields) {
    if (is_shown(field) && field.required && values(field).isEmpty())
      return tr("%1 is missing: %2").arg(field.name, field.help);
  }
  return {};
}

void CommandForm::accept() {
  const QString missing = problem();
  showProblem(missing);
  if (missing.isEmpty()) {
    QDialog::accept();
    return;
  }
  for (const CommandField& field : record_.fields) {
    if (!is_shown(field) || !field.required || !values(field).isEmpty()) continue;
    written_in(editorOf(field.name))->setFocus();
    return;
  }
}

void CommandForm::showProblem(const QString& problem) {
  problem_->setText(problem);
  problem_->setVisible(!problem.isEmpty());
}

void CommandForm::showCommand() {
  command_->setPlainText(shell_text("nasctl", arguments()));
  if (!problem_->isHidden()) showProblem(problem());
}

}  // namespace nas
