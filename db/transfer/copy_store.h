#pragma once

#include <cstdint>
#include <filesystem>
#include <stop_token>
#include <string>
#include <vector>

#include "core/util/progress.h"
#include "db/store_address.h"

namespace nas {

struct TransferOptions {
  ProgressSink* progress = &no_progress();
  std::stop_token stop = {};  ///< ends it with an Error; nothing is left behind
  /// What relative paths of the target are below, and those of servers. Empty: as `StoreOptions`.
  std::filesystem::path files = {};
};

struct CopiedTable {
  std::string name;
  std::int64_t rows = 0;
  std::string content;  ///< `TableContent::digest`, the same in both stores
};

struct CopyReport {
  std::vector<CopiedTable> tables;
  std::int64_t files = 0;  ///< paths that are relative to `folder`, where the files still are
  std::string folder;
};

/// Copies all rows of a store, of whichever kind, to one that is new or empty: whole or not at
/// all. Before that becomes visible, all tables are read back and compared. Files that the rows
/// name stay where they are. Throws Error(kUsage) where both are the same or `to` has rows,
/// Error(kData) where a table differs afterwards, else as `open_store`.
CopyReport copy_store(const StoreAddress& from, const StoreAddress& to,
                      const TransferOptions& options = {});

}  // namespace nas
