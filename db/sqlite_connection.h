#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "db/connection.h"
#include "db/database_file.h"
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

class SqliteStatement final : public Statement {
 public:
  SqliteStatement(sqlite3* database, std::string_view sql, std::string_view path);
  ~SqliteStatement() override;

  /// Throws Error as `sqlite_failure` says.
  bool step() override;
  void reset() noexcept override;
  std::int64_t changes() const override;
  OptionalInt inserted_id() override;

  bool is_null(int column) const override;
  std::int64_t integer(int column) const override;
  double real(int column) const override;
  std::string_view text(int column) const override;
  std::string_view blob(int column) const override;

 private:
  void bind_integer(int index, OptionalInt value) override;
  void bind_real(int index, double value) override;
  void bind_text(int index, std::string_view value) override;
  void bind_blob(int index, std::string_view bytes) override;
  void bind_null(int index) override;
  void check_bind(int code) const;

  sqlite3_stmt* statement_ = nullptr;
  std::string_view path_;
};

/// One connection to a database file with our settings: foreign keys, write-ahead log, patience
/// instead of "database is locked". Every statement is prepared once. Transactions that write take
/// the write lock at the start, so that no statement inside has to wait or can fail with a stale
/// snapshot; a connection that writes looks before each transaction and before each commit whether
/// its files still have their names. Not thread-safe.
class SqliteConnection final : public Connection {
 public:
  explicit SqliteConnection(ConnectionTarget target);
  ~SqliteConnection() override;

  void run_script(const std::string& sql) override;
  /// That of this machine, since the file must not be on a network file system.
  std::int64_t now_us() override { return target_.options.clock_us(); }
  const std::string& path_text() const override { return path_text_; }
  std::filesystem::path files() const override {
    return target_.options.files.empty() ? target_.path.parent_path() : target_.options.files;
  }
  std::int64_t change_mark() override;
  std::int64_t size_bytes() override;
  bool ids_are_in_order() const override { return true; }  // one writes at a time
  std::function<void()> interrupter() override;
  void check_references(bool enabled) override;
  std::int64_t last_id(std::string_view table) override;
  void keep_last_id(std::string_view table, std::int64_t id) override;
  /// Nobody else writes at all.
  std::string locked(std::string_view select) const override { return std::string(select); }

  /// Writes the log into the database and empties it.
  void fold_log();
  const ConnectionTarget& target() const { return target_; }
  sqlite3* get() const { return database_; }

 private:
  void open();
  void configure();
  Statement& prepared(std::string_view sql) override;
  Statement& prepared_insert(std::string_view sql) override { return prepared(sql); }
  void begin(Transaction::Kind kind) override;
  void commit() override;
  void roll_back() noexcept override;
  bool may_try_again(int /*attempt*/) override { return false; }
  void leave_files_as_found() noexcept;
  void require_own_files();
  void save_own_files() noexcept;
  FileId identity() const;

  ConnectionTarget target_;
  std::string path_text_;  ///< printable
  LockPatience patience_;
  FileId file_{};  ///< that was opened
  std::unique_ptr<WatchLock> watch_lock_;
  std::optional<FileWatch> files_;  ///< of a connection that writes
  sqlite3* database_ = nullptr;
  std::map<std::string, std::unique_ptr<SqliteStatement>, std::less<>> statements_;
};

/// While it lives, statements end with an error soon after a stop was asked for.
class UntilStopped {
 public:
  explicit UntilStopped(SqliteConnection& connection);
  ~UntilStopped();
  UntilStopped(const UntilStopped&) = delete;
  UntilStopped& operator=(const UntilStopped&) = delete;

 private:
  sqlite3* database_;
};

}  // namespace nas
