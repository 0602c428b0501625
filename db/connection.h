#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "db/file_watch.h"
#include "db/sqlite_store.h"
#include "db/watch_lock.h"

struct sqlite3;
struct sqlite3_stmt;

namespace nas {

enum class Access {
  kWrite,
  /// Reads beside writers: takes part in the write-ahead log (whose -wal and -shm files come and
  /// go), changes nothing.
  kWatch,
  /// The file can only be read, and is in use by others or not in write-ahead mode.
  kRead,
  /// The file can only be read and nobody has it open: SQLite may do without files that it could
  /// not create.
  kImmutable,
  kScratch,  ///< ":memory:", gone with the connection
};

/// Which file, and how a connection to it is opened.
struct ConnectionTarget {
  std::filesystem::path path;  ///< absolute, without symbolic links
  Access access = Access::kWrite;
  SqliteOptions options;
};

/// How long a connection has been waiting for a lock.
struct LockPatience {
  std::int64_t limit_us = 0;
  std::int64_t waiting_since_us = 0;
};

/// What a statement takes and gives: NULL is std::nullopt.
using OptionalInt = std::optional<std::int64_t>;
/// Bytes of a BLOB, as opposed to text.
struct Blob {
  std::string_view bytes;
};

/// A prepared statement. Owned and cached by its Connection; used through `Connection::execute` and
/// `Rows`.
class Statement {
 public:
  Statement(sqlite3* database, std::string_view sql, std::string_view path);
  ~Statement();
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;

  void bind(int index, std::int64_t value);
  void bind(int index, int value) { bind(index, std::int64_t{value}); }
  void bind(int index, double value);  ///< NaN becomes NULL
  void bind(int index, std::string_view value);
  void bind(int index, const std::string& value) { bind(index, std::string_view(value)); }
  void bind(int index, const char* value) { bind(index, std::string_view(value)); }
  void bind(int index, OptionalInt value);
  void bind(int index, Blob value);

  template <class... Values>
  void bind_all(const Values&... values) {
    int index = 0;
    (bind(++index, values), ...);
  }

  /// True: a row is there. Throws Error as `sqlite_failure` says.
  bool step();
  void reset() noexcept;
  sqlite3_stmt* get() const { return statement_; }

 private:
  void check_bind(int code) const;

  sqlite3_stmt* statement_ = nullptr;
  std::string_view path_;
};

/// The rows of a query: `while (rows.next()) rows.integer(0)`. Resets the statement when it goes.
class Rows {
 public:
  explicit Rows(Statement& statement) : statement_(statement) {}
  ~Rows() { statement_.reset(); }
  Rows(const Rows&) = delete;
  Rows& operator=(const Rows&) = delete;

  bool next() { return statement_.step(); }
  /// The first column of the next row, "" without one.
  std::string next_text() { return next() ? string(0) : std::string(); }
  bool is_null(int column) const;
  std::int64_t integer(int column) const;
  double real(int column) const;            ///< NULL is NaN
  std::string_view text(int column) const;  ///< valid until the next call of `next`
  std::string string(int column) const { return std::string(text(column)); }
  OptionalInt optional_integer(int column) const;
  std::string_view blob(int column) const;  ///< valid until the next call of `next`

 private:
  Statement& statement_;
};

/// One connection to a database file with our settings: foreign keys, write-ahead log, patience
/// instead of "database is locked". Every statement is prepared once. Not thread-safe.
class Connection {
 public:
  explicit Connection(ConnectionTarget target);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  /// Runs a statement without result; returns the number of rows it changed.
  template <class... Values>
  std::int64_t execute(std::string_view sql, const Values&... values) {
    Statement& statement = prepared(sql);
    const Rows rows(statement);
    statement.bind_all(values...);
    statement.step();
    return changes();
  }

  /// The values must live as long as the rows.
  template <class... Values>
  Rows select(std::string_view sql, const Values&... values) {
    Statement& statement = prepared(sql);
    statement.bind_all(values...);
    return Rows(statement);
  }

  /// Several statements, unprepared: migrations and settings.
  void run_script(const std::string& sql);
  /// Writes the log into the database and empties it.
  void fold_log();

  std::int64_t last_insert_id() const;
  /// Grows with every writing transaction that was rolled back: what was remembered of it is void.
  std::int64_t rollbacks() const { return rollbacks_; }
  /// Microseconds UTC of the clock that all processes on this file share: that of this machine,
  /// since the file must not be on a network file system.
  std::int64_t now_us() const { return target_.options.clock_us(); }

  const ConnectionTarget& target() const { return target_; }
  const std::string& path_text() const { return path_text_; }
  sqlite3* get() const { return database_; }

 private:
  friend class Transaction;

  void open();
  void configure();
  Statement& prepared(std::string_view sql);
  std::int64_t changes() const;
  void leave_files_as_found() noexcept;
  void require_own_files();
  void save_own_files() noexcept;

  ConnectionTarget target_;
  std::string path_text_;  ///< printable
  LockPatience patience_;
  std::int64_t rollbacks_ = 0;
  std::unique_ptr<WatchLock> watch_lock_;
  std::optional<FileWatch> files_;  ///< of a connection that writes
  sqlite3* database_ = nullptr;
  std::map<std::string, std::unique_ptr<Statement>, std::less<>> statements_;
};

/// While it lives, statements end with an error soon after a stop was asked for.
class UntilStopped {
 public:
  explicit UntilStopped(Connection& connection);
  ~UntilStopped();
  UntilStopped(const UntilStopped&) = delete;
  UntilStopped& operator=(const UntilStopped&) = delete;

 private:
  sqlite3* database_;
};

/// A transaction: rolled back unless committed. Writing ones take the write lock at the start, so
/// that no statement inside has to wait or can fail with a stale snapshot. A connection that writes
/// looks before each transaction and before each commit whether its files still have their names.
class Transaction {
 public:
  enum class Kind { kRead, kWrite };
  Transaction(Connection& connection, Kind kind);
  ~Transaction();
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  void commit();

 private:
  Connection& connection_;
  Kind kind_;
  bool open_ = true;
};

}  // namespace nas
