#include "db/postgres_error.h"

#include <libpq-fe.h>

#include <algorithm>
#include <iterator>

#include "core/util/error.h"
#include "core/util/text.h"

namespace nas {

namespace {

enum class Again { kNo, kYes, kLost };

/// What the failures of one code, or of one class of codes (two letters), mean.
struct Meaning {
  std::string_view code;
  ErrorKind kind;
  Again again;
  std::string_view text;  ///< "" and "(": the server's own words, alone or behind it
};

// The first that fits counts. PostgreSQL 15 documentation, appendix A.
constexpr Meaning kMeanings[] = {
    {"40", ErrorKind::kIo, Again::kYes, "other workers came between again and again ("},
    {"55P03", ErrorKind::kIo, Again::kNo,
     "another process has kept a row locked for too long; end that process or try again"},
    {"23505", ErrorKind::kData, Again::kYes, "value refused ("},
    {"23P01", ErrorKind::kData, Again::kYes, "value refused ("},
    {"23503", ErrorKind::kData, Again::kNo,
     "a study, trial or architecture that does not exist is referred to"},
    {"23", ErrorKind::kData, Again::kNo, "value refused ("},
    {"22", ErrorKind::kData, Again::kNo, "value refused ("},
    {"54", ErrorKind::kData, Again::kNo, "value refused ("},
    {"42501", ErrorKind::kUnsupported, Again::kNo, "the server does not let this user do it ("},
    {"25006", ErrorKind::kIo, Again::kNo, "cannot be written ("},
    {"25P03", ErrorKind::kIo, Again::kLost, "the connection was idle for too long ("},
    {"53100", ErrorKind::kIo, Again::kNo,
     "no space left on the device of the server; nothing was half-written, free some space and run "
     "the same command again"},
    {"53300", ErrorKind::kIo, Again::kYes, "the server has no free connection ("},
    {"53", ErrorKind::kIo, Again::kNo, "the server lacks something ("},
    {"57014", ErrorKind::kIo, Again::kNo, "the server has ended the statement ("},
    {"57", ErrorKind::kIo, Again::kLost, "the server has closed the connection ("},
    {"08", ErrorKind::kIo, Again::kLost, "the connection was lost ("},
    {"58", ErrorKind::kIo, Again::kNo, "the server could not read or write it ("},
    {"XX001", ErrorKind::kData, Again::kNo, "is damaged ("},
    {"XX002", ErrorKind::kData, Again::kNo, "is damaged ("},
};

}  // namespace

void ResultClearer::operator()(pg_result* result) const noexcept {
  PQclear(result);
}

bool succeeded(const PGresult* result) {
  const ExecStatusType status = PQresultStatus(result);
  return status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK || status == PGRES_SINGLE_TUPLE;
}

std::string postgres_message(const PGresult* result, const PGconn* connection) {
  const char* primary = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
  std::string text = primary != nullptr ? primary : PQerrorMessage(connection);
  // libpq writes several lines, and a full stop at the end of some.
  while (!text.empty() && (text.back() == '\n' || text.back() == '.')) text.pop_back();
  std::string line;
  for (const char character : text) {
    const bool blank = character == '\n' || character == '\t';
    if (!blank) {
      line += character;
    } else if (!line.empty() && line.back() != ' ') {
      line += ' ';
    }
  }
  return printable(line);
}

std::string_view postgres_code(const PGresult* result) {
  const char* code = PQresultErrorField(result, PG_DIAG_SQLSTATE);
  return code != nullptr ? std::string_view(code) : std::string_view();
}

void throw_postgres_failure(const PGresult* result, const PGconn* connection,
                            std::string_view address) {
  const std::string where = "database '" + std::string(address) + "': ";
  const std::string message = postgres_message(result, connection);
  const std::string_view code = postgres_code(result);
  if (PQstatus(connection) == CONNECTION_BAD)
    throw LostConnection(ErrorKind::kIo, where + "the connection was lost (" + message + ")");
  const auto* const meaning =
      std::find_if(std::begin(kMeanings), std::end(kMeanings),
                   [&](const Meaning& known) { return code.starts_with(known.code); });
  if (meaning == std::end(kMeanings)) throw Error(ErrorKind::kData, where + message);
  std::string text = where + std::string(meaning->text);
  if (text.back() == '(') text += message + ")";
  if (meaning->again == Again::kLost) throw LostConnection(meaning->kind, text);
  if (meaning->again == Again::kYes) throw TransientError(meaning->kind, text);
  throw Error(meaning->kind, text);
}

}  // namespace nas
