#include "db/open_store.h"

#include <filesystem>
#include <system_error>

#include "core/util/error.h"
#include "db/browse.h"

namespace nas {

namespace {

[[noreturn]] void refuse_server(const StoreAddress& address) {
  throw Error(ErrorKind::kUnsupported,
              "'" + address.text() + "': this build of Searchlight knows no servers");
}

}  // namespace

std::unique_ptr<Store> open_store(const StoreAddress& address, OpenMode mode,
                                  const StoreOptions& options) {
  if (!address.is_file()) refuse_server(address);
  SqliteOptions sqlite;
  sqlite.busy_timeout_ms = options.busy_timeout_ms;
  sqlite.stop = options.stop;
  sqlite.digest_of = options.digest_of;
  sqlite.files = options.files;
  return open_sqlite_store(address.path(), mode, sqlite);
}

bool store_exists(const StoreAddress& address) {
  if (!address.is_file()) refuse_server(address);
  std::error_code error;
  return std::filesystem::exists(address.path(), error);
}

std::unique_ptr<StudyBrowser> open_browser(const StoreAddress& address) {
  if (!address.is_file()) refuse_server(address);
  return open_sqlite_browser(address.path());
}

}  // namespace nas
