#pragma once

#include "db/sqlite_connection.h"

namespace nas {

/// Gives SQL the function searchlight_digest(space, space_version, space_settings, text) while it
/// lives: 32 digits, or NULL as `DigestOf` of the connection's options says. Migrations call it.
/// NULL for a NULL argument.
class DigestFunction {
 public:
  explicit DigestFunction(SqliteConnection& connection);
  ~DigestFunction();
  DigestFunction(const DigestFunction&) = delete;
  DigestFunction& operator=(const DigestFunction&) = delete;

 private:
  SqliteConnection& connection_;
};

}  // namespace nas
