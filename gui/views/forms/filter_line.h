#pragma once

#include <QCompleter>
#include <QLabel>
#include <QLineEdit>
#include <QStringListModel>
#include <QWidget>
#include <vector>

#include "core/api/browse.h"
#include "core/api/searcher.h"

namespace nas {

/// The filter of a table: completes names of columns while typing, takes effect on Enter, and says
/// in a line below what it could not read.
class FilterLine final : public QWidget {
  Q_OBJECT

 public:
  explicit FilterLine(QWidget* parent = nullptr);

  /// The hint names columns that are there: the objective and a cost where there are any.
  void setColumns(std::vector<BrowseColumn> columns, const std::vector<Objective>& objectives = {});
  QString hint() const { return edit_->placeholderText(); }
  QString text() const { return edit_->text(); }
  void setText(const QString& text);  ///< without taking effect
  void setProblem(const QString& problem);
  const QString& problem() const { return problem_; }
  void focusEdit();

 Q_SIGNALS:
  void entered(const QString& text);

 protected:
  void changeEvent(QEvent* event) override;
  bool eventFilter(QObject* watched, QEvent* event) override;

 private:
  void complete(bool all);
  void insert(const QString& candidate);

  QLineEdit* edit_;
  QLabel* message_;
  QCompleter* completer_;
  QStringListModel* candidates_;
  std::vector<BrowseColumn> columns_;
  QString problem_;
};

}  // namespace nas
