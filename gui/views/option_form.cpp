#include "gui/views/option_form.h"

#include <QCheckBox>
#include <QComboBox>
#include <QLabel>
#include <QLineEdit>

#include "core/util/error.h"

namespace nas {

QStringList choices_of(const FieldDoc& field) {
  const QString range = QString::fromStdString(field.range);
  const QString start = QStringLiteral("one of: ");
  if (!range.startsWith(start)) return {};
  QStringList words;
  for (const QString& word : range.mid(start.size()).split(',')) words << word.trimmed();
  return words;
}

OptionForm::OptionForm(QWidget* parent) : QWidget(parent), layout_(new QFormLayout(this)) {
  layout_->setContentsMargins(0, 0, 0, 0);
  layout_->setFieldGrowthPolicy(QFormLayout::ExpandingFieldsGrow);
}

QWidget* OptionForm::editorOf(const FieldDoc& field) {
  const QString value = QString::fromStdString(field.default_value);
  const QStringList choices = choices_of(field);
  if (field.type == "bool") {
    auto* box = new QCheckBox(this);
    box->setChecked(value == "true");
    return box;
  }
  if (!choices.isEmpty()) {
    auto* box = new QComboBox(this);
    box->addItems(choices);
    box->setCurrentText(value);
    return box;
  }
  auto* line = new QLineEdit(value, this);
  line->setPlaceholderText(QString::fromStdString(field.range));
  return line;
}

void OptionForm::setFields(const std::vector<FieldDoc>& fields) {
  while (layout_->rowCount() > 0) layout_->removeRow(0);
  editors_.clear();
  fields_ = fields;
  for (const FieldDoc& field : fields) {
    QWidget* editor = editorOf(field);
    const QString name = QString::fromStdString(field.name);
    editor->setAccessibleName(name);
    QString help = QString::fromStdString(field.meaning);
    if (!field.range.empty()) help += ", " + QString::fromStdString(field.range);
    if (!field.unit.empty()) help += " (" + QString::fromStdString(field.unit) + ")";
    if (!field.source.empty())
      help += ". " + tr("Default from: ") + QString::fromStdString(field.source);
    editor->setToolTip("<p>" + help.toHtmlEscaped() + "</p>");
    editor->setAccessibleDescription(help);
    auto* label = new QLabel(name, this);
    label->setBuddy(editor);
    label->setToolTip(editor->toolTip());
    layout_->addRow(label, editor);
    editors_.push_back(editor);
  }
  if (fields.empty()) layout_->addRow(new QLabel(tr("no options"), this));
}

QString OptionForm::valueOf(const QWidget* editor) {
  if (const auto* box = qobject_cast<const QCheckBox*>(editor))
    return box->isChecked() ? "true" : "false";
  if (const auto* box = qobject_cast<const QComboBox*>(editor)) return box->currentText();
  return static_cast<const QLineEdit*>(editor)->text().trimmed();
}

QStringList OptionForm::changed() const {
  QStringList result;
  for (std::size_t i = 0; i < fields_.size(); ++i) {
    const QString value = valueOf(editors_[i]);
    if (value != QString::fromStdString(fields_[i].default_value))
      result << QString::fromStdString(fields_[i].name) + "=" + value;
  }
  return result;
}

void OptionForm::setValue(const QString& name, const QString& value) {
  for (std::size_t i = 0; i < fields_.size(); ++i) {
    if (QString::fromStdString(fields_[i].name) != name) continue;
    if (auto* box = qobject_cast<QCheckBox*>(editors_[i])) {
      box->setChecked(value == "true");
    } else if (auto* list = qobject_cast<QComboBox*>(editors_[i])) {
      list->setCurrentText(value);
    } else {
      static_cast<QLineEdit*>(editors_[i])->setText(value);
    }
    return;
  }
  NAS_CHECK(false, "no option '" + name.toStdString() + "' in the form");
}

}  // namespace nas
