#pragma once

#include <string>
#include <vector>

#include "db/sqlite_connection.h"

namespace nas {

/// One line for each row that refers to a missing one, at most `most` of a table. Every reference
/// of the schema is to an INTEGER PRIMARY KEY: the ids of a table are read once, as ranges, and
/// each referring table is read once, where `PRAGMA foreign_key_check` looks every reference of
/// every row up in a tree.
std::vector<std::string> reference_problems(SqliteConnection& connection, std::size_t most);

}  // namespace nas
