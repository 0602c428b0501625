#include <libpq-fe.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdlib>
#include <stop_token>
#include <string>

#include "core/util/error.h"
#include "core/util/text.h"
#include "db/postgres_store_impl.h"
#include "db/query_limits.h"

namespace nas {

namespace {

constexpr std::int64_t kRowsAtOnce = 1000;
constexpr std::array<std::string_view, 4> kReadingWords = {"select", "with", "values", "table"};

// Of the server's catalogue pg_type.
constexpr std::array<Oid, 4> kIntegers = {20, 21, 23, 26};
constexpr std::array<Oid, 3> kReals = {700, 701, 1700};
constexpr Oid kBytea = 17;

template <class Array>
bool is_in(const Array& values, const typename Array::value_type& value) {
  return std::find(values.begin(), values.end(), value) != values.end();
}

/// The first word, after blanks, comments and opening brackets.
std::string first_word(std::string_view sql) {
  while (!sql.empty()) {
    if (sql.starts_with("--")) {
      sql.remove_prefix(std::min(sql.find('\n'), sql.size()));
    } else if (sql.starts_with("/*")) {
      const std::size_t end = sql.find("*/");
      sql.remove_prefix(end == std::string_view::npos ? sql.size() : end + 2);
    } else if (std::isspace(static_cast<unsigned char>(sql[0])) != 0 || sql[0] == '(' ||
               sql[0] == ';') {
      sql.remove_prefix(1);
    } else {
      break;
    }
  }
  std::size_t end = 0;
  while (end < sql.size() && std::isalpha(static_cast<unsigned char>(sql[end])) != 0) ++end;
  return to_lower(std::string(sql.substr(0, std::max<std::size_t>(end, sql.empty() ? 0 : 1))));
}

void check_reads(std::string_view sql) {
  if (sql.find('\0') != std::string_view::npos)
    throw Error(ErrorKind::kUsage, "query: contains a NUL character");
  const std::string word = first_word(sql);
  if (word.empty()) throw Error(ErrorKind::kUsage, "query: is empty; give one SELECT statement");
  if (!is_in(kReadingWords, std::string_view(word))) {
    throw Error(ErrorKind::kUsage, "query: only statements that read are allowed (begins with '" +
                                       printable(word) + "', not SELECT, WITH, VALUES or TABLE)");
  }
}

[[noreturn]] void refuse(const PGresult* result, const PostgresConnection& server) {
  const std::string_view code = postgres_code(result);
  const std::string message = postgres_message(result, server.get());
  if (message.find("multiple commands") != std::string::npos)
    throw Error(ErrorKind::kUsage, "query: more than one statement; give one SELECT statement");
  if (code == "25006" || message.find("data-modifying") != std::string::npos) {
    throw Error(ErrorKind::kUsage,
                "query: only statements that read are allowed (" + message + ")");
  }
  if (code == "57014" && server.options().stop.stop_requested())
    throw Error(ErrorKind::kUsage, "query: interrupted");
  const bool lost = code.empty() || code.starts_with("57");
  if (lost || code.starts_with("40") || code.starts_with("XX") || code.starts_with("58"))
    throw_postgres_failure(result, server.get(), server.path_text());
  throw Error(ErrorKind::kUsage, "query: " + message);
}

std::string field_text(const PGresult* result, int row, int column) {
  const char* text = PQgetvalue(result, row, column);
  const Oid type = PQftype(result, column);
  // As everywhere in Searchlight, not as the server writes them.
  if (is_in(kReals, type) && type != 1700) return format_double(std::strtod(text, nullptr));
  if (type == kBytea)
    return "x'" + std::string(text + std::min<std::size_t>(2, std::string_view(text).size())) + "'";
  return {text, static_cast<std::size_t>(PQgetlength(result, row, column))};
}

}  // namespace

QueryResult PostgresStore::typed_query(std::string_view sql, std::int64_t limit,
                                       NumberFlags& numbers) const {
  check_reads(sql);
  const auto step = [&](const std::string& statement) {
    PostgresResult result = server_.run_text(statement);
    if (!succeeded(result.get())) refuse(result.get(), server_);
    return result;
  };
  return server_.read([&] {
    numbers.clear();
    QueryResult answer;
    const std::stop_callback until_stopped(server_.options().stop, server_.interrupter());
    if (server_.options().stop.stop_requested())
      throw Error(ErrorKind::kUsage, "query: interrupted");
    // Only what reads can be a cursor, and only one statement.
    step("DECLARE answer NO SCROLL CURSOR FOR " + std::string(sql));
    std::size_t bytes = 0;
    for (bool more = true; more;) {
      const std::int64_t left = limit - static_cast<std::int64_t>(answer.rows.size());
      const std::int64_t wanted = std::clamp<std::int64_t>(left, 0, kRowsAtOnce);
      const PostgresResult part = step("FETCH FORWARD " + std::to_string(wanted) + " FROM answer");
      const int columns = PQnfields(part.get());
      if (answer.columns.empty()) {
        for (int column = 0; column < columns; ++column)
          answer.columns.emplace_back(PQfname(part.get(), column));
      }
      const int rows = PQntuples(part.get());
      for (int row = 0; row < rows; ++row) {
        auto& cells = answer.rows.emplace_back();
        std::vector<bool>& flags = numbers.emplace_back();
        for (int column = 0; column < columns; ++column) {
          const Oid type = PQftype(part.get(), column);
          const bool null = PQgetisnull(part.get(), row, column) != 0;
          cells.push_back(null ? std::nullopt : std::optional(field_text(part.get(), row, column)));
          flags.push_back(!null && (is_in(kIntegers, type) || is_in(kReals, type)));
          bytes += kBytesOfCell + cells.back().value_or("").size();
        }
      }
      check_answer_size(bytes);
      more = wanted > 0 && rows == wanted && left > wanted;
    }
    return answer;
  });
}

}  // namespace nas
