#include "db/open_store.h"

#include <filesystem>
#include <system_error>

#include "db/browse.h"
#include "db/postgres_store.h"

namespace nas {

std::unique_ptr<Store> open_store(const StoreAddress& address, OpenMode mode,
                                  const StoreOptions& options) {
  if (!address.is_file()) {
    PostgresOptions postgres;
    postgres.lock_timeout_ms = options.busy_timeout_ms;
    postgres.stop = options.stop;
    return open_postgres_store(address, mode, postgres);
  }
  SqliteOptions sqlite;
  sqlite.busy_timeout_ms = options.busy_timeout_ms;
  sqlite.stop = options.stop;
  sqlite.digest_of = options.digest_of;
  return open_sqlite_store(address.path(), mode, sqlite);
}

bool store_exists(const StoreAddress& address) {
  if (!address.is_file()) return postgres_store_exists(address);
  std::error_code error;
  return std::filesystem::exists(address.path(), error);
}

std::unique_ptr<StudyBrowser> open_browser(const StoreAddress& address) {
  if (!address.is_file()) return open_postgres_browser(address);
  return open_sqlite_browser(address.path());
}

}  // namespace nas
