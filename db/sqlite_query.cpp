#include <sqlite3.h>

#include <algorithm>
#include <array>
#include <memory>
#include <string>

#include "core/util/error.h"
#include "core/util/text.h"
#include "db/query_limits.h"
#include "db/sqlite_error.h"
#include "db/sqlite_store_impl.h"

namespace nas {

namespace {

// What a free query may do: select and call functions. PRAGMAs only those that describe the schema.
constexpr std::array<std::string_view, 8> kReadingPragmas = {
    "application_id", "foreign_key_list", "index_info",  "index_list",
    "table_info",     "table_list",       "table_xinfo", "user_version"};
// Reach outside the database, or take pointers as numbers.
constexpr std::array<std::string_view, 2> kRefusedFunctions = {"load_extension", "fts3_tokenizer"};

int authorize(void* /*unused*/, int action, const char* first, const char* second,
              const char* /*database*/, const char* /*trigger*/) {
  const auto is_in = [](const auto& names, const char* name) {
    return name != nullptr && std::find(names.begin(), names.end(), to_lower(name)) != names.end();
  };
  bool allowed = false;
  switch (action) {
    case SQLITE_SELECT:
    case SQLITE_READ:
    case SQLITE_RECURSIVE:
      allowed = true;
      break;
    case SQLITE_FUNCTION:
      allowed = !is_in(kRefusedFunctions, second);
      break;
    case SQLITE_PRAGMA:
      allowed = is_in(kReadingPragmas, first) &&
                (second == nullptr || to_lower(first).find("_id") == std::string::npos);
      break;
    default:
      break;
  }
  return allowed ? SQLITE_OK : SQLITE_DENY;
}

// What a free query may take: one value, and memory of SQLite beside what it has already.
constexpr int kLongestValue = 64'000'000;
constexpr std::int64_t kMostMemory = std::int64_t{1} << 30;

// Free queries are under guard; our own statements are not.
class QueryGuard {
 public:
  explicit QueryGuard(sqlite3* database)
      : database_(database),
        longest_(sqlite3_limit(database, SQLITE_LIMIT_LENGTH, kLongestValue)),
        soft_heap_(sqlite3_soft_heap_limit64(-1)),
        hard_heap_(sqlite3_hard_heap_limit64(sqlite3_memory_used() + kMostMemory)) {
    sqlite3_set_authorizer(database_, authorize, nullptr);
  }
  ~QueryGuard() {
    sqlite3_set_authorizer(database_, nullptr, nullptr);
    sqlite3_limit(database_, SQLITE_LIMIT_LENGTH, longest_);
    sqlite3_hard_heap_limit64(hard_heap_);
    sqlite3_soft_heap_limit64(soft_heap_);
  }
  QueryGuard(const QueryGuard&) = delete;
  QueryGuard& operator=(const QueryGuard&) = delete;

 private:
  sqlite3* database_;
  int longest_;
  std::int64_t soft_heap_, hard_heap_;
};

struct Finalizer {
  void operator()(sqlite3_stmt* statement) const noexcept { sqlite3_finalize(statement); }
};
using FreeStatement = std::unique_ptr<sqlite3_stmt, Finalizer>;

[[noreturn]] void refuse(sqlite3* database, int code, std::string_view path) {
  const int primary = code & 0xff;
  if (primary == SQLITE_AUTH) {
    throw Error(ErrorKind::kUsage, std::string("query: only statements that read are allowed (") +
                                       sqlite3_errmsg(database) + ")");
  }
  if (primary == SQLITE_INTERRUPT) throw Error(ErrorKind::kUsage, "query: interrupted");
  if (primary == SQLITE_NOMEM) {
    throw Error(ErrorKind::kUsage, "query: takes more than " + format_bytes(kMostMemory) +
                                       " of memory; ask for less at once");
  }
  if (primary == SQLITE_TOOBIG) {
    throw Error(ErrorKind::kUsage,
                "query: a value is longer than " + format_bytes(kLongestValue) + "; cut it");
  }
  if (primary == SQLITE_ERROR || primary == SQLITE_RANGE || primary == SQLITE_MISMATCH) {
    throw Error(ErrorKind::kUsage, std::string("query: ") + printable(sqlite3_errmsg(database)));
  }
  throw sqlite_failure(database, code, path);
}

// Prepares the first statement of `sql`; `rest` becomes what follows it.
FreeStatement prepare(sqlite3* database, std::string_view sql, std::string_view path,
                      std::string_view& rest) {
  sqlite3_stmt* statement = nullptr;
  const char* tail = nullptr;
  const int code =
      sqlite3_prepare_v2(database, sql.data(), static_cast<int>(sql.size()), &statement, &tail);
  if (code != SQLITE_OK) refuse(database, code, path);
  rest = sql.substr(static_cast<std::size_t>(tail - sql.data()));
  return FreeStatement(statement);
}

FreeStatement prepare_single(sqlite3* database, std::string_view sql, std::string_view path) {
  if (sql.find('\0') != std::string_view::npos)
    throw Error(ErrorKind::kUsage, "query: contains a NUL character");
  std::string_view rest;
  FreeStatement statement = prepare(database, sql, path, rest);
  if (!statement) throw Error(ErrorKind::kUsage, "query: is empty; give one SELECT statement");
  while (!rest.empty()) {
    if (prepare(database, rest, path, rest)) {
      throw Error(ErrorKind::kUsage, "query: more than one statement; give one SELECT statement");
    }
  }
  if (sqlite3_stmt_readonly(statement.get()) == 0) {
    throw Error(ErrorKind::kUsage, "query: only statements that read are allowed");
  }
  return statement;
}

std::string blob_text(const void* data, int bytes) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string text = "x'";
  const auto* byte = static_cast<const unsigned char*>(data);
  for (int i = 0; i < bytes; ++i) {
    text += kDigits[byte[i] >> 4];
    text += kDigits[byte[i] & 15];
  }
  return text + "'";
}

std::optional<std::string> field_text(sqlite3_stmt* statement, int column) {
  switch (sqlite3_column_type(statement, column)) {
    case SQLITE_NULL:
      return std::nullopt;
    case SQLITE_FLOAT:
      return format_double(sqlite3_column_double(statement, column));
    case SQLITE_BLOB:
      return blob_text(sqlite3_column_blob(statement, column),
                       sqlite3_column_bytes(statement, column));
    default: {
      const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement, column));
      return std::string(text, static_cast<std::size_t>(sqlite3_column_bytes(statement, column)));
    }
  }
}

}  // namespace

QueryResult SqliteStore::typed_query(std::string_view sql, std::int64_t limit,
                                     NumberFlags& numbers) const {
  numbers.clear();
  sqlite3* database = file_.get();
  const QueryGuard guard(database);
  const UntilStopped until_stopped(file_);
  const FreeStatement statement = prepare_single(database, sql, file_.path_text());
  QueryResult result;
  std::size_t bytes = 0;
  const int columns = sqlite3_column_count(statement.get());
  for (int column = 0; column < columns; ++column) {
    result.columns.emplace_back(sqlite3_column_name(statement.get(), column));
  }
  while (static_cast<std::int64_t>(result.rows.size()) < limit) {
    const int code = sqlite3_step(statement.get());
    if (code == SQLITE_DONE) break;
    if (code != SQLITE_ROW) refuse(database, code, file_.path_text());
    auto& row = result.rows.emplace_back();
    std::vector<bool>& row_numbers = numbers.emplace_back();
    for (int column = 0; column < columns; ++column) {
      const int type = sqlite3_column_type(statement.get(), column);
      row.push_back(field_text(statement.get(), column));
      row_numbers.push_back(type == SQLITE_INTEGER || type == SQLITE_FLOAT);
      bytes += kBytesOfCell + row.back().value_or("").size();
    }
    check_answer_size(bytes);
  }
  return result;
}

}  // namespace nas
