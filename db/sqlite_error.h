#pragma once

#include <string_view>

#include "core/util/error.h"

struct sqlite3;

namespace nas {

/// The last failure of a connection (or, with a null connection, the meaning of `code`) as one line
/// with the path: what happened and what to do.
Error sqlite_failure(sqlite3* database, int code, std::string_view path);

/// Throws `sqlite_failure` unless `code` is SQLITE_OK.
void check_sqlite(sqlite3* database, int code, std::string_view path);

}  // namespace nas
