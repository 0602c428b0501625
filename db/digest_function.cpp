#include "db/digest_function.h"

#include <sqlite3.h>

#include <exception>
#include <string>

#include "core/ir/same/digest.h"
#include "core/util/error.h"
#include "db/sqlite_error.h"

namespace nas {

namespace {

constexpr char kName[] = "searchlight_digest";
constexpr int kArguments = 4;

std::string text_of(sqlite3_value* value) {
  const auto* text = reinterpret_cast<const char*>(sqlite3_value_text(value));
  return text == nullptr ? "" : std::string(text);
}

std::optional<Digest> digest_of(const DigestOf& function, sqlite3_value** values) {
  if (!function) {
    throw Error(ErrorKind::kUnsupported,
                "digests of architectures must be computed anew, which needs the search spaces");
  }
  return function({text_of(values[0]), text_of(values[1]), text_of(values[2]), text_of(values[3])});
}

void compute(sqlite3_context* context, int, sqlite3_value** values) {
  for (int i = 0; i < kArguments; ++i) {
    if (sqlite3_value_type(values[i]) == SQLITE_NULL) return;  // the result is NULL
  }
  try {
    const auto& function = *static_cast<const DigestOf*>(sqlite3_user_data(context));
    const std::optional<Digest> digest = digest_of(function, values);
    if (!digest) return;
    const std::string text = to_hex(*digest);
    sqlite3_result_text(context, text.data(), static_cast<int>(text.size()), SQLITE_TRANSIENT);
  } catch (const std::exception& error) {
    // Nothing may be thrown through SQLite; it ends the statement with this text.
    sqlite3_result_error(context, error.what(), -1);
  }
}

}  // namespace

DigestFunction::DigestFunction(SqliteConnection& connection) : connection_(connection) {
  auto* function = const_cast<DigestOf*>(&connection.target().options.digest_of);
  check_sqlite(connection.get(),
               sqlite3_create_function(connection.get(), kName, kArguments, SQLITE_UTF8, function,
                                       compute, nullptr, nullptr),
               connection.path_text());
}

DigestFunction::~DigestFunction() {
  sqlite3_create_function(connection_.get(), kName, kArguments, SQLITE_UTF8, nullptr, nullptr,
                          nullptr, nullptr);
}

}  // namespace nas
