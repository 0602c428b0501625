#pragma once

#include <QAbstractTableModel>

#include "app/presentation/table.h"

namespace nas {

/// The table that a command has answered with.
class ResultModel final : public QAbstractTableModel {
  Q_OBJECT

 public:
  using QAbstractTableModel::QAbstractTableModel;

  void setTable(Table table);
  const Table& table() const { return table_; }

  int rowCount(const QModelIndex& parent = {}) const override;
  int columnCount(const QModelIndex& parent = {}) const override;
  QVariant data(const QModelIndex& index, int role) const override;
  QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

 private:
  const Cell& cellAt(const QModelIndex& index) const;

  Table table_;
};

}  // namespace nas
