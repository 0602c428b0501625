#include "db/open_store.h"

#include <filesystem>
#include <system_error>

#include "core/util/error.h"
#include "core/util/text.h"
#include "db/browse.h"
#include "db/open_connection.h"
#include "db/postgres_store.h"
#include "db/postgres_store_impl.h"
#include "db/shared_directory/directory_store.h"
#include "db/sqlite_store_impl.h"

namespace nas {

namespace {

SqliteOptions sqlite_options(const StoreOptions& options) {
  SqliteOptions sqlite;
  sqlite.busy_timeout_ms = options.busy_timeout_ms;
  sqlite.stop = options.stop;
  sqlite.digest_of = options.digest_of;
  sqlite.files = options.files;
  return sqlite;
}

PostgresOptions postgres_options(const StoreOptions& options) {
  PostgresOptions postgres;
  postgres.lock_timeout_ms = options.busy_timeout_ms;
  postgres.stop = options.stop;
  postgres.files = options.files;
  return postgres;
}

}  // namespace

std::unique_ptr<Store> open_store(const StoreAddress& address, OpenMode mode,
                                  const StoreOptions& options) {
  if (address.is_file()) return open_sqlite_store(address.path(), mode, sqlite_options(options));
  if (address.is_directory()) {
    const auto role = options.worker ? DirectoryRole::kWorker : DirectoryRole::kCoordinator;
    return open_directory_store(address.path(), mode, role, {.sqlite = sqlite_options(options)});
  }
  return open_postgres_store(address, mode, postgres_options(options));
}

bool store_exists(const StoreAddress& address) {
  if (address.is_server()) return postgres_store_exists(address);
  if (address.is_directory()) return directory_store_exists(address.path());
  std::error_code error;
  return std::filesystem::exists(address.path(), error);
}

std::unique_ptr<StudyBrowser> open_browser(const StoreAddress& address) {
  if (address.is_directory()) {
    throw Error(ErrorKind::kUnsupported,
                "store '" + printable(address.text()) +
                    "': a shared directory cannot be browsed; look at a copy of it, made by nasctl "
                    "db copy when no coordinator runs");
  }
  return address.is_file() ? open_sqlite_browser(address.path()) : open_postgres_browser(address);
}

std::unique_ptr<Connection> connect_to(const StoreAddress& address, OpenMode mode,
                                       const StoreOptions& options) {
  if (address.is_file()) return open_connection(address.path(), mode, sqlite_options(options));
  if (address.is_directory()) {
    return connect_to_directory(address.path(), mode, {.sqlite = sqlite_options(options)});
  }
  return open_postgres(address, mode, postgres_options(options));
}

}  // namespace nas
