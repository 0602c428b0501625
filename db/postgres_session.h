#pragma once

#include <memory>
#include <string>

#include "db/connection.h"
#include "db/postgres_error.h"
#include "db/postgres_store.h"

namespace nas {

struct ConnectionCloser {
  void operator()(pg_conn* connection) const noexcept;
};

/// Nobody answers at the address, or not yet: it may be worth asking again.
class UnreachableServer : public Error {
 public:
  UnreachableServer(const std::string& text, bool starting)
      : Error(ErrorKind::kIo, text), starting_(starting) {}
  /// It answers that it is starting or stopping.
  bool starting() const { return starting_; }

 private:
  bool starting_;
};

/// An open connection with our settings: UTF-8, the search path of our schema, patience for locks,
/// no transaction that is idle for a minute.
struct PostgresSession {
  std::unique_ptr<pg_conn, ConnectionCloser> connection;
  std::string schema;  ///< of the store, not quoted
};

/// `writes` false: the session refuses to change anything. Throws UnreachableServer and Error as
/// `open_postgres_store` says.
PostgresSession connect_postgres(const StoreAddress& address, bool writes,
                                 const PostgresOptions& options);

/// As PostgreSQL writes a name that may be any text.
std::string quoted_name(std::string_view name);

}  // namespace nas
