#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "db/connection.h"

// libpq's own names of them are PGconn and PGresult.
struct pg_conn;
struct pg_result;

namespace nas {

struct ResultClearer {
  void operator()(pg_result* result) const noexcept;
};
using PostgresResult = std::unique_ptr<pg_result, ResultClearer>;

/// The connection is gone; what it was doing has not been kept, unless it was a commit.
class LostConnection : public TransientError {
 public:
  using TransientError::TransientError;
};

/// What the server said, as one printable line: "relation \"x\" does not exist".
std::string postgres_message(const pg_result* result, const pg_conn* connection);

/// The five letters of the kind of failure; "" when the server said nothing.
std::string_view postgres_code(const pg_result* result);

/// Throws what a failed result means, as one line with the address: what happened and what to do.
[[noreturn]] void throw_postgres_failure(const pg_result* result, const pg_conn* connection,
                                         std::string_view address);

/// Is it a result, as opposed to a failure?
bool succeeded(const pg_result* result);

}  // namespace nas
