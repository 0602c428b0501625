#pragma once

#include <QAbstractTableModel>

#include "gui/jobs/nasctl_queue.h"

namespace nas {

/// The commands of a queue, newest first.
class JobsModel final : public QAbstractTableModel {
  Q_OBJECT

 public:
  enum Column { kCommand, kState, kSubject, kTime, kColumns };

  explicit JobsModel(const NasctlQueue* queue, QObject* parent = nullptr);

  int idAt(int row) const;  ///< 0: no such row
  int rowOf(int id) const;  ///< -1: forgotten

  int rowCount(const QModelIndex& parent = {}) const override;
  int columnCount(const QModelIndex& parent = {}) const override;
  QVariant data(const QModelIndex& index, int role) const override;
  QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

 private:
  const NasctlQueue* queue_;
};

/// How far a command is, in one line: "waiting", "failed (2): nasctl: ...".
QString state_text(const NasctlJob& job);

}  // namespace nas
