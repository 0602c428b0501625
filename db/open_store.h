#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <stop_token>

#include "core/api/browse.h"
#include "core/api/store.h"
#include "db/sqlite_store.h"
#include "db/store_address.h"

namespace nas {

// The one place that picks the back end; everything above `db/` opens stores by these.

struct StoreOptions {
  std::int64_t busy_timeout_ms = 60'000;  ///< how long to wait for others' transactions
  std::stop_token stop = {};  ///< ends what only reads and may take long: free queries and checks
  /// Needed to bring a file of schema version 4 or less up to date, as `SqliteOptions::digest_of`.
  DigestOf digest_of = {};
  /// What relative paths of models and artifacts are below, for `check`. Empty: the folder of the
  /// file, a shared directory, and for a server's the working directory.
  std::filesystem::path files = {};
  /// Of a process that evaluates trials of others: in a shared directory it never opens the
  /// database itself.
  bool worker = false;
};

/// Opens the results database at an address. Throws as `open_sqlite_store` does.
std::unique_ptr<Store> open_store(const StoreAddress& address, OpenMode mode,
                                  const StoreOptions& options = {});

/// Whether there is a results database at the address: a file of this name, or a server's database
/// with our tables. Throws Error(kIo) where a server cannot be asked.
bool store_exists(const StoreAddress& address);

/// A connection of its own that changes nothing in the database. Throws as `open_store` does, and
/// Error(kUnsupported) for a shared directory.
std::unique_ptr<StudyBrowser> open_browser(const StoreAddress& address);

}  // namespace nas
