#pragma once

#include <QAbstractItemModel>
#include <memory>
#include <vector>

#include "gui/jobs/database.h"
#include "gui/models/rows_model.h"

namespace nas {

/// The open databases, and in each all of its trials, its studies (newest first) and benchmarks.
class StudiesModel final : public QAbstractItemModel {
  Q_OBJECT

 public:
  enum Column { kName, kState, kProgress, kBest, kColumns };

  using QAbstractItemModel::QAbstractItemModel;

  /// Opens a file, or returns the one that is open already.
  Database* open(const StoreAddress& address);
  void close(Database* database);
  std::size_t size() const { return groups_.size(); }
  Database* databaseAt(std::size_t place) const { return groups_[place]->database.get(); }

  /// The database that a row is, or belongs to.
  Database* databaseOf(const QModelIndex& index) const;
  /// The table of a row; nullopt for a database.
  std::optional<TableName> tableOf(const QModelIndex& index) const;
  QModelIndex indexOf(const Database* database) const;

  QModelIndex index(int row, int column, const QModelIndex& parent = {}) const override;
  QModelIndex parent(const QModelIndex& child) const override;
  int rowCount(const QModelIndex& parent = {}) const override;
  int columnCount(const QModelIndex& parent = {}) const override;
  QVariant data(const QModelIndex& index, int role) const override;
  QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

 private:
  struct Entry {
    TableName table;
    QString cells[kColumns];
    bool failed = false;
  };
  struct Group {
    std::unique_ptr<Database> database;
    std::vector<Entry> entries;
  };

  int rowOf(const Group* group) const;
  const Entry* entryOf(const QModelIndex& index) const;
  void update(Group* group);
  static std::vector<Entry> entriesOf(const Database& database);
  QVariant databaseData(const Group& group, int column, int role) const;

  std::vector<std::unique_ptr<Group>> groups_;
};

}  // namespace nas
