#pragma once

#include <QWidget>

#include "gui/models/jobs_model.h"
#include "gui/models/result_model.h"

class QLabel;
class QPushButton;
class QTableView;

namespace nas {

class ElidedLabel;

/// What nasctl was asked for: its commands, newest first, and the answer of the chosen one.
class ResultsPanel final : public QWidget {
  Q_OBJECT

 public:
  explicit ResultsPanel(NasctlQueue* queue, QWidget* parent = nullptr);

  /// Shows the answer of this command.
  void showJob(int id);
  int shownJob() const { return shown_; }
  const ResultModel& result() const { return *result_; }
  /// The shown answer as CSV.
  QString resultText() const;
  QTableView* jobsView() const { return jobs_view_; }

 public Q_SLOTS:
  /// Takes a waiting command away, interrupts a running one; again: kills it.
  void stopShown();

 protected:
  void changeEvent(QEvent* event) override;

 private:
  void build();
  QWidget* buildAnswer();
  void fill();
  void tint();

  NasctlQueue* queue_;
  JobsModel* jobs_;
  ResultModel* result_;
  QTableView* jobs_view_ = nullptr;
  QTableView* result_view_ = nullptr;
  ElidedLabel* subject_ = nullptr;
  ElidedLabel* command_ = nullptr;
  QLabel* state_ = nullptr;
  QPushButton* stop_ = nullptr;
  QPushButton* copy_ = nullptr;
  QPushButton* copy_command_ = nullptr;
  int shown_ = 0;
};

}  // namespace nas
