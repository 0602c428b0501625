#pragma once

#include <QDialog>
#include <QStringList>

#include "gui/views/option_form.h"

class QComboBox;
class QDialogButtonBox;
class QLabel;
class QLineEdit;
class QPlainTextEdit;
class QSpinBox;

namespace nas {

/// A new search: everything that `nasctl search run` needs, with the options of the chosen space
/// and searcher as those describe them. Shows the command that will run.
class SearchForm final : public QDialog {
  Q_OBJECT

 public:
  explicit SearchForm(QWidget* parent = nullptr);

  void setStore(const QString& file);
  QString store() const;
  void setName(const QString& name);
  void choose(const QString& space, const QString& searcher);
  OptionForm* searcherOptions() const { return searcher_options_; }
  /// Of nasctl.
  QStringList arguments() const;

 private:
  void build();
  void describe();
  void showCommand();

  QLineEdit* store_ = nullptr;
  QLineEdit* name_ = nullptr;
  QComboBox* space_ = nullptr;
  OptionForm* space_options_ = nullptr;
  QComboBox* searcher_ = nullptr;
  OptionForm* searcher_options_ = nullptr;
  QLabel* summary_ = nullptr;
  QLineEdit* data_ = nullptr;
  QComboBox* preset_ = nullptr;
  QComboBox* maximize_ = nullptr;
  QComboBox* minimize_ = nullptr;
  QLineEdit* constraint_ = nullptr;
  QSpinBox* budget_ = nullptr;
  QSpinBox* workers_ = nullptr;
  QSpinBox* seed_ = nullptr;
  QPlainTextEdit* command_ = nullptr;
  QDialogButtonBox* buttons_ = nullptr;
};

}  // namespace nas
