#pragma once

#include <QPointer>
#include <QTimer>
#include <QWidget>

#include "gui/jobs/database.h"
#include "gui/models/result_model.h"

class QLabel;
class QTableView;

namespace nas {

/// Who evaluates trials of a database, where, since when and how fast, and how long leases last:
/// what `nasctl worker list` says. Reads while it is seen.
class WorkersPanel final : public QWidget {
  Q_OBJECT

 public:
  explicit WorkersPanel(QWidget* parent = nullptr);

  /// Null shows nothing.
  void setDatabase(Database* database);
  const ResultModel& result() const { return *result_; }
  QString coordinators() const;

 protected:
  void showEvent(QShowEvent* event) override;
  void hideEvent(QHideEvent* event) override;

 private:
  void read();
  void take(Answer<Explorer::Workers> answer);

  QPointer<Database> database_;
  QTimer timer_;
  bool reading_ = false;
  ResultModel* result_;
  QTableView* view_;
  QLabel* coordinators_;
};

}  // namespace nas
