#include "db/transfer/merge_source.h"

#include <algorithm>

#include "core/util/error.h"
#include "core/util/text.h"
#include "db/kept_path.h"
#include "db/transfer/transfer_ends.h"

namespace nas {

MergeSource::MergeSource(const StoreAddress& address, const TransferOptions& options,
                         Connection& target)
    : connection_(open_source(address, options)), target_(target) {}

SqlRow MergeSource::translated(const TableRecord& table, const SqlRow& row,
                               std::initializer_list<std::string_view> as_is) const {
  SqlRow result = row;
  for (std::size_t i = 0; i < row.size(); ++i) {
    const TableColumn& column = table.columns[i];
    if (column.is_path) result[i] = path_in_target(std::get<std::string>(row[i]));
    if (column.name == "reused_from") result[i] = source_text(std::get<std::string>(row[i]));
    const auto* id = std::get_if<std::int64_t>(&row[i]);
    const bool stays = std::find(as_is.begin(), as_is.end(), column.name) != as_is.end();
    if (column.refers_to.empty() || id == nullptr || stays) continue;
    const auto placed = placed_.find(column.refers_to);
    const bool known = placed != placed_.end() && placed->second.ids.contains(*id);
    if (!known) {
      throw Error(ErrorKind::kData, "database '" + name() + "': table '" + std::string(table.name) +
                                        "' refers to a missing row " + std::to_string(*id) +
                                        " of '" + std::string(column.refers_to) +
                                        "'; see nasctl db check");
    }
    result[i] = placed->second.ids.at(*id);
  }
  return result;
}

void MergeSource::place(const TableRecord& table, const SqlRow& row, std::int64_t id, bool added) {
  if (!has_id(table)) return;
  Placed& placed = placed_[table.name];
  const std::int64_t own = std::get<std::int64_t>(row.front());
  placed.ids[own] = id;
  if (added) placed.added.insert(own);
}

bool MergeSource::is_added(std::string_view table, const SqlValue& id) const {
  const auto placed = placed_.find(table);
  return placed != placed_.end() && placed->second.added.contains(std::get<std::int64_t>(id));
}

std::string MergeSource::path_in_target(const std::string& path) const {
  return kept_path(target_.files(), connection_->files() / path);
}

/// What a trial says of a value that it took from a study whose name has changed.
std::string MergeSource::source_text(const std::string& reused_from) const {
  for (const auto& [from, to] : renamed) {
    const std::string before = "study '" + from + "', trial ";
    if (reused_from.starts_with(before))
      return "study '" + to + "', trial " + reused_from.substr(before.size());
  }
  return reused_from;
}

}  // namespace nas
