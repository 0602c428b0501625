#pragma once

#include <QFormLayout>
#include <QWidget>
#include <vector>

#include "core/util/options.h"

namespace nas {

/// A line for each option of a plug-in, made from its own documentation: a spin box for whole
/// numbers, a tick for switches, a list for choices, otherwise a line of text.
class OptionForm final : public QWidget {
  Q_OBJECT

 public:
  explicit OptionForm(QWidget* parent = nullptr);

  void setFields(const std::vector<FieldDoc>& fields);
  /// "name=value" of those that are not at their default.
  QStringList changed() const;
  /// As if the user had entered it. Requires a name of the fields.
  void setValue(const QString& name, const QString& value);

 private:
  QWidget* editorOf(const FieldDoc& field);
  static QString valueOf(const QWidget* editor);

  QFormLayout* layout_;
  std::vector<FieldDoc> fields_;
  std::vector<QWidget*> editors_;
};

/// The words of a range such as "one of: a, b"; empty when it is another one.
QStringList choices_of(const FieldDoc& field);

}  // namespace nas
