#pragma once

#include <string>
#include <vector>

#include "db/sqlite_connection.h"

namespace nas {

/// Compares every index with its table: the same entries, in order. One line for each that differs.
/// `PRAGMA integrity_check` looks every row up in every index, which takes minutes for a million
/// trials; this reads table and indexes once each, from front to back, and compares sums of hashes.
std::vector<std::string> index_problems(SqliteConnection& connection);

}  // namespace nas
