#include "db/index_check.h"

#include <sqlite3.h>

#include <bit>
#include <cstdint>
#include <cstring>
#include <new>
#include <optional>

#include "core/util/text.h"
#include "db/sqlite_error.h"

namespace nas {

namespace {

/// SplitMix64 (Steele, Lea and Flood 2014): every bit of the result depends on every bit given.
std::uint64_t mix(std::uint64_t bits) {
  bits = (bits ^ (bits >> 30)) * 0xbf58476d1ce4e5b9U;
  bits = (bits ^ (bits >> 27)) * 0x94d049bb133111ebU;
  return bits ^ (bits >> 31);
}

std::uint64_t hash_bytes(std::uint64_t hash, const char* data, std::size_t size) {
  for (; size >= 8; data += 8, size -= 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, data, 8);
    hash = mix(hash ^ word) + 0x9e3779b97f4a7c15U;
  }
  std::uint64_t rest = size;
  if (size > 0) std::memcpy(&rest, data, size);
  return mix(hash ^ rest ^ (std::uint64_t{size} << 56));
}

/// A value of a row as it is compared and hashed.
struct Value {
  int type = SQLITE_NULL;
  double real = 0;
  std::int64_t whole = 0;
  std::string_view bytes;

  explicit Value(sqlite3_value* value) : type(sqlite3_value_type(value)) {
    if (type == SQLITE_INTEGER) {
      whole = sqlite3_value_int64(value);
      real = static_cast<double>(whole);
    } else if (type == SQLITE_FLOAT) {
      real = sqlite3_value_double(value);
    } else if (type != SQLITE_NULL) {
      const auto* data = static_cast<const char*>(sqlite3_value_blob(value));
      bytes = {data != nullptr ? data : "", static_cast<std::size_t>(sqlite3_value_bytes(value))};
    }
  }
  std::uint64_t hash(std::uint64_t seed) const {
    // A real that is whole may be stored as an integer, in a table or in an index alone.
    if (type == SQLITE_INTEGER || type == SQLITE_FLOAT)
      return mix(seed ^ std::bit_cast<std::uint64_t>(real) ^ 0x51);
    return hash_bytes(seed + static_cast<std::uint64_t>(type), bytes.data(), bytes.size());
  }
};

/// What the last entry of an index was: its values are gone when the next one comes.
struct Kept {
  int rank = -1;
  bool whole = false;
  double real = 0;
  std::int64_t number = 0;
  std::string bytes;
};

/// SQLite's order of types: NULL, numbers, texts, blobs.
int rank_of(int type) {
  if (type == SQLITE_NULL) return 0;
  if (type == SQLITE_INTEGER || type == SQLITE_FLOAT) return 1;
  return type == SQLITE_TEXT ? 2 : 3;
}

int compare(const Kept& before, const Value& now) {
  const int rank = rank_of(now.type);
  if (before.rank != rank) return before.rank < rank ? -1 : 1;
  if (rank == 0) return 0;
  if (rank >= 2) return std::string_view(before.bytes).compare(now.bytes);
  if (before.whole && now.type == SQLITE_INTEGER) {
    return before.number < now.whole ? -1 : before.number > now.whole ? 1 : 0;
  }
  return before.real < now.real ? -1 : before.real > now.real ? 1 : 0;
}

void keep(Kept& kept, const Value& value) {
  kept.rank = rank_of(value.type);
  kept.whole = value.type == SQLITE_INTEGER;
  kept.real = value.real;
  kept.number = value.whole;
  kept.bytes.assign(value.bytes);
}

struct Sum {
  std::uint64_t total = 0, rows = 0;
  bool ordered = true;
  std::vector<Kept> before;
};

// fingerprint(in_order, value, ...): a number that depends on all rows, but not on their order;
// NULL when they had to be in order and are not.
void add_row(sqlite3_context* context, int count, sqlite3_value** values) {
  auto** slot = static_cast<Sum**>(sqlite3_aggregate_context(context, sizeof(Sum*)));
  if (slot == nullptr) return sqlite3_result_error_nomem(context);
  if (*slot == nullptr) *slot = new Sum;
  Sum& sum = **slot;
  const bool in_order = sqlite3_value_int(values[0]) != 0;
  std::uint64_t hash = static_cast<std::uint64_t>(count);
  int order = sum.before.empty() ? -1 : 0;
  sum.before.resize(in_order ? static_cast<std::size_t>(count - 1) : 0);
  for (int i = 1; i < count; ++i) {
    const Value value(values[i]);
    hash = value.hash(hash);
    if (!in_order) continue;
    Kept& kept = sum.before[static_cast<std::size_t>(i - 1)];
    if (order == 0) order = compare(kept, value);
    keep(kept, value);
  }
  if (in_order && order >= 0) sum.ordered = false;
  sum.total += mix(hash);
  ++sum.rows;
}

void give_sum(sqlite3_context* context) {
  auto** slot = static_cast<Sum**>(sqlite3_aggregate_context(context, 0));
  if (slot == nullptr || *slot == nullptr) return sqlite3_result_int64(context, 0);
  const Sum& sum = **slot;
  if (sum.ordered) {
    sqlite3_result_int64(context, std::bit_cast<std::int64_t>(sum.total + mix(sum.rows)));
  }
  delete *slot;
}

class FingerprintFunction {
 public:
  explicit FingerprintFunction(SqliteConnection& connection) : connection_(connection) {
    check_sqlite(
        connection_.get(),
        sqlite3_create_function_v2(connection_.get(), kName, -1, SQLITE_UTF8 | SQLITE_DETERMINISTIC,
                                   nullptr, nullptr, add_row, give_sum, nullptr),
        connection_.path_text());
  }
  ~FingerprintFunction() {
    sqlite3_create_function_v2(connection_.get(), kName, -1, SQLITE_UTF8, nullptr, nullptr, nullptr,
                               nullptr, nullptr);
  }
  FingerprintFunction(const FingerprintFunction&) = delete;
  FingerprintFunction& operator=(const FingerprintFunction&) = delete;

 private:
  static constexpr char kName[] = "fingerprint";
  SqliteConnection& connection_;
};

struct Index {
  std::string table, name;
  std::string columns;    ///< "study_id, name, value, rowid"
  std::string condition;  ///< of a partial index, else ""
};

std::vector<Index> indexes_of(SqliteConnection& connection) {
  std::vector<Index> indexes;
  Rows rows = connection.select(
      "SELECT tbl_name, name, ifnull(sql, '') FROM sqlite_schema WHERE type = 'index' AND "
      "tbl_name NOT IN (SELECT name FROM pragma_table_list WHERE schema = 'main' AND wr = 1) "
      "ORDER BY tbl_name, name");
  while (rows.next()) {
    Index& index = indexes.emplace_back(Index{rows.string(0), rows.string(1), "", ""});
    const std::string sql = rows.string(2);
    const std::size_t where = sql.find("WHERE ");
    if (where != std::string::npos) index.condition = sql.substr(where + 6);
    Rows columns =
        connection.select("SELECT name FROM pragma_index_info(?) ORDER BY seqno", index.name);
    bool expression = false;
    while (columns.next()) {
      expression = expression || columns.is_null(0);
      index.columns += columns.string(0) + ", ";
    }
    index.columns += "rowid";
    if (expression) indexes.pop_back();  // somebody else's, which the schema's check reports
  }
  return indexes;
}

std::optional<std::int64_t> fingerprint(SqliteConnection& connection, const std::string& sql,
                                        int column) {
  Rows rows = connection.select(sql);
  return rows.next() ? rows.optional_integer(column) : std::nullopt;
}

}  // namespace

std::vector<std::string> index_problems(SqliteConnection& connection) {
  const FingerprintFunction function(connection);
  std::vector<std::string> problems;
  for (const Index& index : indexes_of(connection)) {
    const std::string where = index.condition.empty() ? "" : " WHERE " + index.condition;
    const auto of = [&](const char* in_order, const std::string& how) {
      return fingerprint(connection,
                         "SELECT fingerprint(" + std::string(in_order) + ", " + index.columns +
                             ") FROM " + index.table + how + where,
                         0);
    };
    const auto entries = of("1", " INDEXED BY " + index.name);
    if (!entries) {
      problems.push_back("index '" + printable(index.name) + "': is not in order");
    } else if (entries != of("0", " NOT INDEXED")) {
      problems.push_back("index '" + printable(index.name) + "': differs from table '" +
                         printable(index.table) + "'");
    }
  }
  return problems;
}

}  // namespace nas
