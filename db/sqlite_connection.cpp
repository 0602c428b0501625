#include "db/sqlite_connection.h"

#include <sqlite3.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <limits>
#include <system_error>
#include <thread>
#include <utility>

#include "core/util/text.h"
#include "db/companions.h"
#include "db/database_file.h"
#include "db/sqlite_error.h"

namespace nas {

namespace {

using SteadyClock = std::chrono::steady_clock;

// Short waits with a spread that differs between processes: SQLite's own handler soon sleeps 100 ms
// at a time, which starves workers whose transactions take a tenth of a millisecond.
int wait_for_lock(void* argument, int attempt) {
  auto* patience = static_cast<LockPatience*>(argument);
  const auto now = SteadyClock::now().time_since_epoch() / std::chrono::microseconds(1);
  if (attempt == 0) patience->waiting_since_us = now;
  if (now - patience->waiting_since_us >= patience->limit_us) return 0;
  const std::int64_t longest = 100LL << std::min(attempt, 7);
  const std::int64_t spread = (::getpid() * 7919LL + attempt * 104'729LL) % (longest / 2 + 1);
  std::this_thread::sleep_for(std::chrono::microseconds(longest / 2 + spread));
  return 1;
}

std::string uri_of(const std::filesystem::path& path, std::string_view query) {
  std::string uri = "file:";
  for (const char character : path.native()) {
    const auto byte = static_cast<unsigned char>(character);
    const bool plain = std::isalnum(byte) != 0 ||
                       std::string_view("/._-").find(character) != std::string_view::npos;
    char escaped[4];
    std::snprintf(escaped, sizeof escaped, "%%%02X", byte);
    if (plain && byte < 0x80) {
      uri += character;
    } else {
      uri += escaped;
    }
  }
  return uri + "?" + std::string(query);
}

}  // namespace

std::int64_t system_clock_us() {
  return std::chrono::system_clock::now().time_since_epoch() / std::chrono::microseconds(1);
}

SqliteStatement::SqliteStatement(sqlite3* database, std::string_view sql, std::string_view path)
    : path_(path) {
  check_sqlite(database,
               sqlite3_prepare_v3(database, sql.data(), static_cast<int>(sql.size()),
                                  SQLITE_PREPARE_PERSISTENT, &statement_, nullptr),
               path);
}

SqliteStatement::~SqliteStatement() {
  sqlite3_finalize(statement_);
}

void SqliteStatement::check_bind(int code) const {
  check_sqlite(sqlite3_db_handle(statement_), code, path_);
}

void SqliteStatement::bind_integer(int index, OptionalInt value) {
  check_bind(value ? sqlite3_bind_int64(statement_, index, *value)
                   : sqlite3_bind_null(statement_, index));
}

void SqliteStatement::bind_real(int index, double value) {
  check_bind(sqlite3_bind_double(statement_, index, value));
}

void SqliteStatement::bind_text(int index, std::string_view value) {
  // A null pointer would bind NULL instead of an empty text.
  const char* data = value.data() != nullptr ? value.data() : "";
  check_bind(
      sqlite3_bind_text64(statement_, index, data, value.size(), SQLITE_STATIC, SQLITE_UTF8));
}

void SqliteStatement::bind_null(int index) {
  check_bind(sqlite3_bind_null(statement_, index));
}

void SqliteStatement::bind_blob(int index, std::string_view bytes) {
  // A null pointer would bind NULL instead of no bytes.
  const char* data = bytes.data() != nullptr ? bytes.data() : "";
  check_bind(sqlite3_bind_blob64(statement_, index, data, bytes.size(), SQLITE_STATIC));
}

bool SqliteStatement::step() {
  const int code = sqlite3_step(statement_);
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  throw sqlite_failure(sqlite3_db_handle(statement_), code, path_);
}

void SqliteStatement::reset() noexcept {
  sqlite3_reset(statement_);
}

std::int64_t SqliteStatement::changes() const {
  return sqlite3_changes64(sqlite3_db_handle(statement_));
}

OptionalInt SqliteStatement::inserted_id() {
  if (changes() == 0) return std::nullopt;
  return sqlite3_last_insert_rowid(sqlite3_db_handle(statement_));
}

bool SqliteStatement::is_null(int column) const {
  return sqlite3_column_type(statement_, column) == SQLITE_NULL;
}

std::int64_t SqliteStatement::integer(int column) const {
  return sqlite3_column_int64(statement_, column);
}

double SqliteStatement::real(int column) const {
  return is_null(column) ? std::numeric_limits<double>::quiet_NaN()
                         : sqlite3_column_double(statement_, column);
}

std::string_view SqliteStatement::text(int column) const {
  const auto* data = reinterpret_cast<const char*>(sqlite3_column_text(statement_, column));
  if (data == nullptr) return {};
  return {data, static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))};
}

std::string_view SqliteStatement::blob(int column) const {
  const auto* data = static_cast<const char*>(sqlite3_column_blob(statement_, column));
  if (data == nullptr) return {};
  return {data, static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))};
}

SqliteConnection::SqliteConnection(ConnectionTarget target)
    : target_(std::move(target)), path_text_(printable(target_.path.native())) {
  patience_.limit_us = target_.options.busy_timeout_ms * 1000;
  // Before SQLite opens the log, which stays from then on.
  if (target_.access == Access::kWatch) {
    watch_lock_ = std::make_unique<WatchLock>(target_.path, lasting_descriptor(target_.path));
  }
  try {
    open();
    configure();
    if (target_.access != Access::kScratch) file_ = identity();
  } catch (...) {
    statements_.clear();
    watch_lock_.reset();
    sqlite3_close_v2(database_);
    throw;
  }
}

SqliteConnection::~SqliteConnection() {
  statements_.clear();
  if (target_.access == Access::kWatch) leave_files_as_found();
  if (files_ && files_->look() != FileWatch::Found::kOwn) save_own_files();
  watch_lock_.reset();
  sqlite3_close_v2(database_);
}

void SqliteConnection::open() {
  int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
  std::string name = target_.path.native();
  switch (target_.access) {
    case Access::kWrite:
    case Access::kWatch:
    case Access::kScratch:
      flags |= SQLITE_OPEN_READWRITE;
      break;
    case Access::kRead:
      flags |= SQLITE_OPEN_READONLY;
      break;
    case Access::kImmutable:
      flags |= SQLITE_OPEN_READONLY | SQLITE_OPEN_URI;
      name = uri_of(target_.path, "immutable=1");
      break;
  }
  // Several connections of one process, which locks the file once and for all.
  const char* system = target_.options.alone ? "unix-excl" : nullptr;
  check_sqlite(database_, sqlite3_open_v2(name.c_str(), &database_, flags, system), path_text_);
  sqlite3_busy_handler(database_, wait_for_lock, &patience_);
  sqlite3_db_config(database_, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(database_, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
}

void SqliteConnection::configure() {
  run_script(
      "PRAGMA foreign_keys = ON; PRAGMA cell_size_check = ON; PRAGMA temp_store = MEMORY;"
      "PRAGMA cache_size = -32000;");
  if (target_.access == Access::kScratch) return;
  if (target_.access != Access::kWrite) {
    run_script("PRAGMA query_only = ON");
    if (!watch_lock_) return;
    // Reading makes SQLite open the log and its index.
    run_script("PRAGMA schema_version");
    watch_lock_->hold_index();
    return;
  }
  if (select("PRAGMA journal_mode = WAL").next_text() != "wal") {
    throw Error(ErrorKind::kIo, "database '" + path_text_ +
                                    "': this file system has no shared memory files, which the "
                                    "write-ahead log needs; use a local disk");
  }
  // The log is cut back to this size after a reader has made it grow.
  run_script("PRAGMA journal_size_limit = 67108864");
  run_script(target_.options.durable ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL");
  run_script("PRAGMA schema_version");  // reading makes SQLite open the log
  mark_log(target_.path);
  files_.emplace(target_.path);
  int moved = 0;  // asked last: what happens after it, the watch sees
  sqlite3_file_control(database_, "main", SQLITE_FCNTL_HAS_MOVED, &moved);
  if (moved != 0) throw files_->failure(FileWatch::Found::kMoved);
}

void SqliteConnection::require_own_files() {
  const FileWatch::Found found = files_ ? files_->look() : FileWatch::Found::kOwn;
  if (found == FileWatch::Found::kOwn) return;
  save_own_files();
  throw files_->failure(found);
}

// Under our names there are files of others by now, or none. What we have open is still whole: its
// log goes into it, so that nobody reads that log as another file's, and SQLite must not remove a
// file by its name.
void SqliteConnection::save_own_files() noexcept {
  sqlite3_db_config(database_, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
  // Another log of our own file: pages of both would be mixed.
  if (files_->look() == FileWatch::Found::kLogReplaced) return;
  constexpr std::int64_t kPatienceUs = 2'000'000;
  patience_.limit_us = std::min(patience_.limit_us, kPatienceUs);
  sqlite3_wal_checkpoint_v2(database_, nullptr, SQLITE_CHECKPOINT_TRUNCATE, nullptr, nullptr);
}

void SqliteConnection::fold_log() {
  int frames = 0, folded = 0;
  check_sqlite(
      database_,
      sqlite3_wal_checkpoint_v2(database_, nullptr, SQLITE_CHECKPOINT_TRUNCATE, &frames, &folded),
      path_text_);
  NAS_CHECK(frames == folded, "a log that nobody else reads is folded whole");
}

// A connection that only watches joins the write-ahead log like a writer, but must not fold it into
// the database when it happens to be the last to close: that would change the file. An empty log is
// only removed.
void SqliteConnection::leave_files_as_found() noexcept {
  if (wal_bytes(target_.path) > 0) {
    sqlite3_db_config(database_, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
  }
}

void SqliteConnection::run_script(const std::string& sql) {
  check_sqlite(database_, sqlite3_exec(database_, sql.c_str(), nullptr, nullptr, nullptr),
               path_text_);
}

Statement& SqliteConnection::prepared(std::string_view sql) {
  auto found = statements_.find(sql);
  if (found == statements_.end()) {
    found = statements_.emplace(sql, std::make_unique<SqliteStatement>(database_, sql, path_text_))
                .first;
  }
  return *found->second;
}

FileId SqliteConnection::identity() const {
  const std::optional<FileId> id = file_id(target_.path);
  if (id) return *id;
  throw Error(ErrorKind::kIo,
              "database '" + path_text_ + "': was removed; what is shown is the last state read");
}

std::int64_t SqliteConnection::change_mark() {
  if (identity() != file_) {
    throw Error(ErrorKind::kIo,
                "database '" + path_text_ + "': was replaced by another file; open it again");
  }
  Rows rows = select("PRAGMA data_version");
  return rows.next() ? rows.integer(0) : 0;
}

std::int64_t SqliteConnection::size_bytes() {
  Rows pages = select("SELECT page_count * page_size FROM pragma_page_count, pragma_page_size");
  return pages.next() ? pages.integer(0) : 0;
}

std::function<void()> SqliteConnection::interrupter() {
  return [database = database_] { sqlite3_interrupt(database); };
}

// Tables without AUTOINCREMENT have no row here.
std::int64_t SqliteConnection::last_id(std::string_view table) {
  Rows rows = select("SELECT max(coalesce((SELECT max(id) FROM \"" + std::string(table) +
                         "\"), 0), coalesce((SELECT seq FROM sqlite_sequence WHERE name = ?), 0))",
                     table);
  return rows.next() ? rows.integer(0) : 0;
}

void SqliteConnection::keep_last_id(std::string_view table, std::int64_t id) {
  if (last_id(table) >= id) return;
  if (execute("UPDATE sqlite_sequence SET seq = ? WHERE name = ?", id, table) > 0) return;
  execute(
      "INSERT INTO sqlite_sequence (name, seq) SELECT name, ? FROM sqlite_schema WHERE name = ? "
      "AND "
      "sql LIKE '%AUTOINCREMENT%'",
      id, table);
}

void SqliteConnection::check_references(bool enabled) {
  run_script(enabled ? "PRAGMA foreign_keys = ON" : "PRAGMA foreign_keys = OFF");
}

void SqliteConnection::begin(Transaction::Kind kind) {
  require_own_files();
  execute(kind == Transaction::Kind::kWrite ? "BEGIN IMMEDIATE" : "BEGIN");
}

void SqliteConnection::commit() {
  if (files_ && files_->look() != FileWatch::Found::kOwn) {
    execute("ROLLBACK");
    require_own_files();
  }
  if (target_.options.before_commit) target_.options.before_commit();
  execute("COMMIT");
}

void SqliteConnection::roll_back() noexcept {
  // Some failures (full disk, input/output) have rolled back already.
  if (sqlite3_get_autocommit(database_) != 0) return;
  sqlite3_exec(database_, "ROLLBACK", nullptr, nullptr, nullptr);
}

UntilStopped::UntilStopped(SqliteConnection& connection) : database_(connection.get()) {
  constexpr int kStepsBetweenLooks = 20'000;
  const auto look = [](void* stop) {
    return static_cast<const std::stop_token*>(stop)->stop_requested() ? 1 : 0;
  };
  // The token lives as long as the connection, and is only read.
  auto* stop = const_cast<std::stop_token*>(&connection.target().options.stop);
  sqlite3_progress_handler(database_, kStepsBetweenLooks, look, stop);
}

UntilStopped::~UntilStopped() {
  sqlite3_progress_handler(database_, 0, nullptr, nullptr);
}

}  // namespace nas
