#pragma once

#include <QAbstractListModel>
#include <QString>
#include <set>
#include <string>
#include <vector>

#include "core/api/browse.h"

namespace nas {

/// Which columns of a table are shown: a list to tick, in the order in which the table has them.
class ColumnsModel final : public QAbstractListModel {
  Q_OBJECT

 public:
  using QAbstractListModel::QAbstractListModel;

  /// Columns known before keep their ticks; new ones are shown when they come early enough in
  /// `order` (by number) and are no details.
  void setColumns(const std::vector<BrowseColumn>& columns, const std::vector<std::size_t>& order);
  bool isShown(std::size_t column) const;
  std::vector<std::size_t> shown() const;

  int rowCount(const QModelIndex& parent = {}) const override;
  QVariant data(const QModelIndex& index, int role) const override;
  bool setData(const QModelIndex& index, const QVariant& value, int role) override;
  Qt::ItemFlags flags(const QModelIndex& index) const override;

 Q_SIGNALS:
  void shownChanged();

 private:
  std::vector<BrowseColumn> columns_;
  std::vector<std::size_t> order_;  ///< columns by row of the list
  std::set<std::string> hidden_;
};

}  // namespace nas
