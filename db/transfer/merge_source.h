#pragma once

#include <initializer_list>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>

#include "db/transfer/copy_store.h"
#include "db/transfer/table_rows.h"

namespace nas {

/// A store whose rows come into another one, and what became of those so far.
class MergeSource {
 public:
  /// `target` outlives it. Throws as `open_source`.
  MergeSource(const StoreAddress& address, const TransferOptions& options, Connection& target);

  Connection& connection() const { return *connection_; }
  const std::string& name() const { return connection_->path_text(); }

  /// The row as it is in the target: references are to its rows, paths are as it keeps them.
  /// Requires that the rows it refers to were placed, but for those of the columns `as_is`, which
  /// stay.
  SqlRow translated(const TableRecord& table, const SqlRow& row,
                    std::initializer_list<std::string_view> as_is = {}) const;

  /// A row of this store is that one of the target; `added`: since now.
  void place(const TableRecord& table, const SqlRow& row, std::int64_t id, bool added);
  /// Whether a row of this store was added, as opposed to known.
  bool is_added(std::string_view table, const SqlValue& id) const;

  /// Studies that are in the target under another name.
  std::map<std::string, std::string> renamed;

 private:
  struct Placed {
    std::unordered_map<std::int64_t, std::int64_t> ids;  ///< of this store to those of the target
    std::set<std::int64_t> added;
  };
  std::string path_in_target(const std::string& path) const;
  std::string source_text(const std::string& reused_from) const;

  std::unique_ptr<Connection> connection_;
  Connection& target_;
  std::map<std::string_view, Placed> placed_;
};

}  // namespace nas
