#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <stop_token>

#include "core/api/browse.h"
#include "core/api/store.h"
#include "db/sqlite_store.h"
#include "db/store_address.h"

namespace nas {

struct PostgresOptions {
  std::int64_t lock_timeout_ms = 60'000;  ///< how long to wait for another worker's transaction
  /// How long a server that was there and is gone is waited for: it may be restarting. 0: not at
  /// all. A server that cannot be reached at first is an error at once.
  std::int64_t reconnect_ms = 60'000;
  /// The server has answered before: a new connection waits for it as one that was lost does.
  bool has_answered = false;
  std::stop_token stop = {};  ///< ends what only reads and may take long: free queries and checks
  /// What relative paths of models and artifacts are below, for `check`. Empty: the working
  /// directory.
  std::filesystem::path files = {};
  /// Only in tests: instead of the server's clock, for what this connection does.
  std::function<std::int64_t()> clock_us = {};
};

/// Opens a results database on a PostgreSQL server, version 12 or later. It lies in a schema of its
/// own, `searchlight`, or the one that the setting `searchlight.schema` names
/// ("?options=-csearchlight.schema%3Dteam"), and is made there by OpenMode::kCreate. The clock is
/// the server's. A transaction that another one has forced out, or that a lost connection has cut
/// short, is done again; nothing is half-written.
/// Throws Error(kIo) where the server cannot be reached or lacks the database and where there are
/// no results in it (unless kCreate), Error(kData) for a schema of this name that is not ours,
/// Error(kUnsupported) for what waiting does not mend: a password that is missing or wrong, a user
/// without the rights, a schema newer than this program, an older server; one line, without a
/// password.
/// Requires `!address.is_file()`.
std::unique_ptr<Store> open_postgres_store(const StoreAddress& address, OpenMode mode,
                                           const PostgresOptions& options = {});

/// A connection of its own that changes nothing. Throws as `open_postgres_store` does.
std::unique_ptr<StudyBrowser> open_postgres_browser(const StoreAddress& address,
                                                    const PostgresOptions& options = {});

/// Whether there is a results database at the address. Throws Error(kIo) where the server cannot be
/// asked.
bool postgres_store_exists(const StoreAddress& address);

/// The version of the schema that this program writes.
std::int64_t postgres_schema_version();

}  // namespace nas
