#include "db/postgres_session.h"

#include <libpq-fe.h>

#include <vector>

#include "core/util/error.h"
#include "core/util/text.h"

namespace nas {

namespace {

// GROUPS, ON CONFLICT, identity columns, stored snapshots: all are in 11; 12 is the oldest that we
// have a name for in the tests' words.
constexpr int kOldestServer = 120'000;

using Parameters = std::vector<std::pair<const char*, std::string>>;

/// What libpq would take from the environment and service files, so that ours are only defaults.
bool is_set(const char* keyword) {
  PQconninfoOption* options = PQconndefaults();
  bool set = false;
  for (const PQconninfoOption* option = options; option != nullptr && option->keyword != nullptr;
       ++option) {
    if (std::string_view(option->keyword) == keyword && option->val != nullptr) set = true;
  }
  PQconninfoFree(options);
  return set;
}

/// The address comes last: what it says overrides the rest.
Parameters parameters_of(const StoreAddress& address) {
  Parameters parameters;
  if (!is_set("connect_timeout")) parameters.emplace_back("connect_timeout", "15");
  parameters.emplace_back("fallback_application_name", "searchlight");
  parameters.emplace_back("client_encoding", "UTF8");
  parameters.emplace_back("dbname", address.uri());
  return parameters;
}

struct Keywords {
  explicit Keywords(const Parameters& parameters) {
    for (const auto& [name, value] : parameters) {
      names.push_back(name);
      values.push_back(value.c_str());
    }
    names.push_back(nullptr);
    values.push_back(nullptr);
  }
  std::vector<const char*> names, values;
};

bool mentions(std::string_view message, std::initializer_list<std::string_view> words) {
  for (const std::string_view word : words) {
    if (message.find(word) != std::string_view::npos) return true;
  }
  return false;
}

// libpq has no code for a connection that failed: only what it asked for, and words.
[[noreturn]] void throw_refusal(const PGconn* connection, const Keywords& keywords,
                                const std::string& where) {
  const std::string message = postgres_message(nullptr, connection);
  if (PQconnectionNeedsPassword(connection) != 0) {
    throw Error(ErrorKind::kUnsupported,
                where +
                    "the server wants a password; put it into ~/.pgpass, a service "
                    "file or PGPASSWORD");
  }
  const PGPing ping = PQpingParams(keywords.names.data(), keywords.values.data(), 1);
  if (ping == PQPING_NO_RESPONSE || ping == PQPING_REJECT) {
    // One that took the connection and is gone now was there a moment ago.
    const bool was_there = mentions(message, {"closed the connection", "reset by peer"});
    throw UnreachableServer(where + "the server cannot be reached (" + message + ")",
                            ping == PQPING_REJECT || was_there);
  }
  // For a moment, while many workers start or the server restarts.
  if (mentions(message, {"too many", "connection slots", "starting up", "shutting down", "recovery",
                         "closed the connection", "reset by peer", "administrator command"}))
    throw UnreachableServer(where + "the server takes no connection (" + message + ")", true);
  std::string advice;
  if (PQconnectionUsedPassword(connection) != 0) {
    advice = "; is the password right?";
  } else if (mentions(message, {"does not exist"})) {
    advice = "; an administrator makes databases and users with createdb and createuser";
  }
  const bool for_good = mentions(message, {"password authentication failed"});
  throw Error(for_good ? ErrorKind::kUnsupported : ErrorKind::kIo,
              where + "the server refuses the connection (" + message + ")" + advice);
}

PostgresResult run(PGconn* connection, const std::string& sql, const std::string& address) {
  PostgresResult result(PQexec(connection, sql.c_str()));
  if (!succeeded(result.get())) throw_postgres_failure(result.get(), connection, address);
  return result;
}

void check_server(PGconn* connection, const std::string& where) {
  if (PQserverVersion(connection) < kOldestServer) {
    throw Error(ErrorKind::kUnsupported,
                where + "the server is PostgreSQL " +
                    std::string(PQparameterStatus(connection, "server_version")) +
                    ", Searchlight needs version 12 or later");
  }
  const std::string_view encoding = PQparameterStatus(connection, "server_encoding");
  if (encoding != "UTF8") {
    throw Error(ErrorKind::kUnsupported,
                where + "the encoding of the database is " + std::string(encoding) +
                    ", Searchlight needs UTF8 (createdb --encoding=UTF8 --template=template0)");
  }
}

}  // namespace

void ConnectionCloser::operator()(pg_conn* connection) const noexcept {
  PQfinish(connection);
}

std::string quoted_name(std::string_view name) {
  std::string quoted = "\"";
  for (const char character : name) quoted += character == '"' ? "\"\"" : std::string(1, character);
  return quoted + "\"";
}

PostgresSession connect_postgres(const StoreAddress& address, bool writes,
                                 const PostgresOptions& options) {
  const std::string text = printable(address.text());
  const std::string where = "database '" + text + "': ";
  const Parameters parameters = parameters_of(address);
  const Keywords keywords(parameters);
  PostgresSession session;
  session.connection.reset(PQconnectdbParams(keywords.names.data(), keywords.values.data(), 1));
  PGconn* connection = session.connection.get();
  if (connection == nullptr) throw Error(ErrorKind::kIo, where + "out of memory");
  if (PQstatus(connection) != CONNECTION_OK) throw_refusal(connection, keywords, where);
  // The server says nothing of its own accord.
  PQsetNoticeProcessor(
      connection, [](void*, const char*) {}, nullptr);
  check_server(connection, where);
  {
    const PostgresResult known =
        run(connection, "SELECT coalesce(current_setting('searchlight.schema', true), '')", text);
    session.schema = PQgetvalue(known.get(), 0, 0);
  }
  if (session.schema.empty()) session.schema = "searchlight";
  run(connection,
      "SET search_path TO " + quoted_name(session.schema) +
          // Who only reads keeps nobody waiting, however long it thinks (a merge, a copy).
          "; SET idle_in_transaction_session_timeout TO " + (writes ? "60000" : "0") +
          "; SET jit TO off; SET client_min_messages TO error; SET lock_timeout TO " +
          std::to_string(options.lock_timeout_ms) +
          (writes ? "" : "; SET default_transaction_read_only TO on"),
      text);
  return session;
}

}  // namespace nas
