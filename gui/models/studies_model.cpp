#include "gui/models/studies_model.h"

#include <QColor>
#include <QFileInfo>
#include <QFont>
#include <QGuiApplication>
#include <algorithm>

#include "core/util/text.h"
#include "db/sqlite_store.h"
#include "gui/base/theme.h"

namespace nas {

namespace {

QString text_of(const std::string& text) {
  return QString::fromStdString(printable(text));
}

std::int64_t trials_of(const StudyRow& study) {
  return study.trials_complete + study.trials_infeasible + study.trials_failed +
         study.trials_running;
}

StoreAddress whole_address(const StoreAddress& address) {
  if (!address.is_file()) return address;
  const QFileInfo file(QString::fromStdString(address.text()));
  const QString whole = file.exists() ? file.canonicalFilePath() : file.absoluteFilePath();
  return std::filesystem::path(whole.toStdString());
}

}  // namespace

Database* StudiesModel::open(const StoreAddress& address) {
  const StoreAddress whole = whole_address(address);
  for (const auto& group : groups_) {
    if (group->database->address().toStdString() != whole.text()) continue;
    if (whole.is_server()) group->database->retry(whole);
    return group->database.get();
  }
  auto group = std::make_unique<Group>();
  group->database = std::make_unique<Database>(whole);
  Group* added = group.get();
  const auto renew = [this, added] { update(added); };
  connect(added->database.get(), &Database::listChanged, this, renew);
  connect(added->database.get(), &Database::problemChanged, this, renew);
  const int row = rowCount();
  beginInsertRows({}, row, row);
  groups_.push_back(std::move(group));
  endInsertRows();
  return added->database.get();
}

void StudiesModel::close(Database* database) {
  const QModelIndex place = indexOf(database);
  if (!place.isValid()) return;
  beginRemoveRows({}, place.row(), place.row());
  // Alive until the views have let it go.
  const std::unique_ptr<Group> closed = std::move(groups_[static_cast<std::size_t>(place.row())]);
  groups_.erase(groups_.begin() + place.row());
  endRemoveRows();
}

QModelIndex StudiesModel::indexOf(const Database* database) const {
  for (std::size_t i = 0; i < groups_.size(); ++i) {
    if (groups_[i]->database.get() == database) return index(static_cast<int>(i), 0);
  }
  return {};
}

int StudiesModel::rowOf(const Group* group) const {
  for (std::size_t i = 0; i < groups_.size(); ++i) {
    if (groups_[i].get() == group) return static_cast<int>(i);
  }
  return -1;
}

std::vector<StudiesModel::Entry> StudiesModel::entriesOf(const Database& database) {
  std::vector<Entry> entries;
  if (!database.studies().empty()) {
    std::int64_t trials = 0;
    for (const Explorer::Study& study : database.studies()) trials += trials_of(study.row);
    Entry all{.table = AllTrials{}, .cells = {}};
    all.cells[kName] = tr("All trials");
    all.cells[kProgress] = tr("%1 rows").arg(text_of(format_count(trials)));
    entries.push_back(std::move(all));
  }
  for (const Explorer::Study& study : database.studies()) {
    Entry entry{.table = study.row.id};
    entry.cells[kName] = text_of(study.row.spec.name);
    entry.cells[kState] = text_of(to_string(study.row.state));
    entry.cells[kProgress] = text_of(progress_text(study.row, system_clock_us()));
    entry.cells[kBest] = text_of(study.best);
    entry.failed = study.row.state == StudyState::kInfeasible;
    entries.push_back(std::move(entry));
  }
  for (const BenchmarkRow& benchmark : database.benchmarks()) {
    Entry entry{.table = benchmark.info.name};
    entry.cells[kName] = text_of(benchmark.info.name);
    entry.cells[kState] = tr("benchmark");
    entry.cells[kProgress] = tr("%1 rows").arg(text_of(format_count(benchmark.rows)));
    entry.cells[kBest] = tr("%n column(s)", "", static_cast<int>(benchmark.columns.size()));
    entries.push_back(std::move(entry));
  }
  return entries;
}

void StudiesModel::update(Group* group) {
  const int row = rowOf(group);
  if (row < 0) return;
  std::vector<Entry> entries = entriesOf(*group->database);
  const bool same =
      std::equal(entries.begin(), entries.end(), group->entries.begin(), group->entries.end(),
                 [](const Entry& a, const Entry& b) { return a.table == b.table; });
  const QModelIndex parent = index(row, 0);
  Q_EMIT dataChanged(parent, index(row, kColumns - 1));
  if (same) {
    group->entries = std::move(entries);
    if (group->entries.empty()) return;
    const int last = static_cast<int>(group->entries.size()) - 1;
    Q_EMIT dataChanged(index(0, 0, parent), index(last, kColumns - 1, parent));
    return;
  }
  // What is the same above and below keeps its selection.
  const auto equal = [](const Entry& x, const Entry& y) { return x.table == y.table; };
  std::vector<Entry>& old = group->entries;
  const auto head = static_cast<std::size_t>(
      std::mismatch(old.begin(), old.end(), entries.begin(), entries.end(), equal).first -
      old.begin());
  std::size_t tail = 0;
  while (tail < std::min(old.size(), entries.size()) - head &&
         equal(old[old.size() - 1 - tail], entries[entries.size() - 1 - tail])) {
    ++tail;
  }
  const auto at = [](std::vector<Entry>& list, std::size_t place) {
    return list.begin() + static_cast<std::ptrdiff_t>(place);
  };
  if (old.size() > head + tail) {
    beginRemoveRows(parent, static_cast<int>(head), static_cast<int>(old.size() - tail) - 1);
    old.erase(at(old, head), at(old, old.size() - tail));
    endRemoveRows();
  }
  if (entries.size() > head + tail) {
    beginInsertRows(parent, static_cast<int>(head), static_cast<int>(entries.size() - tail) - 1);
    old.insert(at(old, head), at(entries, head), at(entries, entries.size() - tail));
    endInsertRows();
  }
  old = std::move(entries);
  Q_EMIT dataChanged(index(0, 0, parent),
                     index(static_cast<int>(old.size()) - 1, kColumns - 1, parent));
}

QModelIndex StudiesModel::index(int row, int column, const QModelIndex& parent) const {
  if (!hasIndex(row, column, parent)) return {};
  // A child points to its group, a group to nothing.
  Group* group = parent.isValid() ? groups_[static_cast<std::size_t>(parent.row())].get() : nullptr;
  return createIndex(row, column, group);
}

QModelIndex StudiesModel::parent(const QModelIndex& child) const {
  const auto* group = static_cast<const Group*>(child.internalPointer());
  if (!child.isValid() || group == nullptr) return {};
  return createIndex(rowOf(group), 0, nullptr);
}

int StudiesModel::rowCount(const QModelIndex& parent) const {
  if (!parent.isValid()) return static_cast<int>(groups_.size());
  if (parent.internalPointer() != nullptr || parent.column() > 0) return 0;
  return static_cast<int>(groups_[static_cast<std::size_t>(parent.row())]->entries.size());
}

int StudiesModel::columnCount(const QModelIndex&) const {
  return kColumns;
}

Database* StudiesModel::databaseOf(const QModelIndex& index) const {
  if (!index.isValid()) return nullptr;
  const auto* group = static_cast<const Group*>(index.internalPointer());
  if (group != nullptr) return group->database.get();
  return groups_[static_cast<std::size_t>(index.row())]->database.get();
}

const StudiesModel::Entry* StudiesModel::entryOf(const QModelIndex& index) const {
  const auto* group = static_cast<const Group*>(index.internalPointer());
  if (!index.isValid() || group == nullptr) return nullptr;
  return &group->entries[static_cast<std::size_t>(index.row())];
}

std::optional<TableName> StudiesModel::tableOf(const QModelIndex& index) const {
  const Entry* entry = entryOf(index);
  return entry == nullptr ? std::nullopt : std::optional<TableName>(entry->table);
}

QVariant StudiesModel::databaseData(const Group& group, int column, int role) const {
  const Database& database = *group.database;
  const bool well = database.problem().isEmpty();
  if (role == Qt::ToolTipRole) {
    const QString text = well ? database.address() : database.problem();
    return "<p>" + text.toHtmlEscaped() + "</p>";
  }
  if (role == Qt::ForegroundRole && !well) return Theme::of(QGuiApplication::palette()).warning;
  if (role == Qt::FontRole && column == kName) {
    QFont font;
    font.setBold(true);
    return font;
  }
  if (role != Qt::DisplayRole) return {};
  if (column == kName) return database.name();
  if (column != kState) return {};
  if (!well) return tr("problem");
  return database.isOpen() ? QString() : tr("opening…");
}

QVariant StudiesModel::data(const QModelIndex& index, int role) const {
  if (!checkIndex(index, CheckIndexOption::IndexIsValid)) return {};
  const Entry* entry = entryOf(index);
  if (entry == nullptr)
    return databaseData(*groups_[static_cast<std::size_t>(index.row())], index.column(), role);
  if (role == Qt::DisplayRole) return entry->cells[index.column()];
  if (role == Qt::ToolTipRole) return "<p>" + entry->cells[index.column()].toHtmlEscaped() + "</p>";
  if (role == Qt::ForegroundRole && entry->failed && index.column() == kState)
    return Theme::of(QGuiApplication::palette()).warning;
  return {};
}

QVariant StudiesModel::headerData(int section, Qt::Orientation orientation, int role) const {
  if (orientation != Qt::Horizontal || role != Qt::DisplayRole) return {};
  switch (section) {
    case kName:
      return tr("Name");
    case kState:
      return tr("State");
    case kProgress:
      return tr("Progress");
    case kBest:
      return tr("Best");
    default:
      return {};
  }
}

}  // namespace nas
