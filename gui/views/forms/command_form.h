#pragma once

#include <QDialog>
#include <QStringList>
#include <map>
#include <vector>

#include "app/presentation/table.h"
#include "gui/jobs/command_record.h"

class QFormLayout;
class QLabel;
class QLineEdit;
class QPlainTextEdit;
class QPushButton;

namespace nas {

/// A dialog for a nasctl command, made from what nasctl says about it: switches are ticks, choices
/// are lists, files have a Browse button, and values that may be repeated have a line each. Options
/// of a space, a searcher or a recipe are offered with their defaults once these are chosen. Shows
/// the command that will run.
class CommandForm final : public QDialog {
  Q_OBJECT

 public:
  /// `added` is put at the end of the command: how its output is wanted.
  explicit CommandForm(CommandRecord record, QStringList added = {}, QWidget* parent = nullptr);

  const CommandRecord& record() const { return record_; }
  /// As if the user had entered it; for a switch "true" or "false", repeated values split as in
  /// `arguments`. A command without this field is left as it is.
  void setValue(const QString& name, const QString& value);
  QString value(const QString& name) const;
  /// What can be chosen for fields that complete `kind`; `meanings` are shown beside the words.
  void offerWords(const QString& kind, const QStringList& words, const QStringList& meanings);
  /// The kinds of words that its fields complete.
  QStringList wordKinds() const;

  /// Of nasctl.
  QStringList arguments() const;
  /// Why it cannot run yet; empty when it can.
  QString problem() const;
  /// What is shown of a field, null for a hidden one.
  QWidget* editorOf(const QString& name) const;

 public Q_SLOTS:
  /// Closes with Accepted when nothing is missing.
  void accept() override;

 protected:
  void changeEvent(QEvent* event) override;

 private:
  void build();
  void addField(QFormLayout& layout, const CommandField& field);
  QWidget* makeEditor(const CommandField& field);
  QWidget* withBrowse(const CommandField& field, QLineEdit* line);
  void browse(const CommandField& field, QLineEdit* line, bool directory);
  void followChoice(const QString& name);
  void showCommand();
  void showProblem(const QString& problem);
  QLabel* addMuted(const QString& text);
  void tint();
  QStringList values(const CommandField& field) const;

  CommandRecord record_;
  QStringList added_;
  std::map<QString, QWidget*> editors_;
  QPlainTextEdit* command_ = nullptr;
  QLabel* problem_ = nullptr;
  QList<QLabel*> muted_;
  QPushButton* run_ = nullptr;
};

}  // namespace nas
