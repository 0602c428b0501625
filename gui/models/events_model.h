#pragma once

#include <QAbstractTableModel>
#include <QPointer>
#include <vector>

#include "gui/jobs/database.h"

namespace nas {

/// The event log of a study, newest first: when, what, and the words of it.
class EventsModel final : public QAbstractTableModel {
  Q_OBJECT

 public:
  using QAbstractTableModel::QAbstractTableModel;

  /// Follows this study from now on; a null database shows nothing.
  void setStudy(Database* database, std::int64_t study_id);
  void refresh();

  int rowCount(const QModelIndex& parent = {}) const override;
  int columnCount(const QModelIndex& parent = {}) const override;
  QVariant data(const QModelIndex& index, int role) const override;
  QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

 private:
  QPointer<Database> database_;
  std::int64_t study_id_ = 0;
  std::vector<EventRow> events_;
};

}  // namespace nas
