#include "db/postgres_statement.h"

#include <libpq-fe.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <limits>

#include "core/util/error.h"
#include "core/util/text.h"
#include "db/postgres_connection.h"

namespace nas {

namespace {

// Of the server's catalogue pg_type; they never change.
enum Type : Oid {
  kBool = 16,
  kBytea = 17,
  kInt8 = 20,
  kInt2 = 21,
  kInt4 = 23,
  kTextType = 25,
  kFloat4 = 700,
  kFloat8 = 701,
  kInt8Array = 1016,
  kTextArray = 1009,
  kFloat8Array = 1022
};

template <class Number>
void put_number(char* to, Number value) {
  for (std::size_t i = 0; i < sizeof value; ++i) {
    to[sizeof value - 1 - i] = static_cast<char>(value & 0xff);
    value = static_cast<Number>(value >> 8);
  }
}

std::uint64_t number_at(const char* from, int size) {
  std::uint64_t value = 0;
  for (int i = 0; i < size; ++i) value = value << 8 | static_cast<unsigned char>(from[i]);
  return value;
}

}  // namespace

std::string postgres_sql(std::string_view sql) {
  std::string result;
  int largest = 0;
  bool quoted = false;
  for (std::size_t at = 0; at < sql.size(); ++at) {
    if (sql[at] == '\'') quoted = !quoted;
    if (sql[at] != '?' || quoted) {
      result += sql[at];
      continue;
    }
    std::size_t end = at + 1;
    int number = 0;
    while (end < sql.size() && sql[end] >= '0' && sql[end] <= '9') {
      number = number * 10 + (sql[end++] - '0');
    }
    if (number == 0) number = largest + 1;
    largest = std::max(largest, number);
    result += "$" + std::to_string(number);
    at = end - 1;
  }
  return result;
}

void PostgresArray::add_bytes(const char* data, std::size_t size) {
  char length[4];
  put_number(length, static_cast<std::uint32_t>(size));
  elements_.append(length, sizeof length).append(data, size);
  ++count_;
}

void PostgresArray::add_null() {
  elements_.append(4, '\xff');
  has_null_ = true;
  ++count_;
}

void PostgresArray::add(std::string_view text) {
  add_bytes(text.data(), text.size());
}

void PostgresArray::add(OptionalInt value) {
  if (!value) return add_null();
  char number[8];
  put_number(number, static_cast<std::uint64_t>(*value));
  add_bytes(number, sizeof number);
}

void PostgresArray::add(double value) {
  if (std::isnan(value)) return add_null();
  char number[8];
  put_number(number, std::bit_cast<std::uint64_t>(value));
  add_bytes(number, sizeof number);
}

Oid PostgresArray::type() const {
  if (element_ == Element::kInteger) return kInt8Array;
  return element_ == Element::kText ? kTextArray : kFloat8Array;
}

std::string PostgresArray::bytes() const {
  char header[20];
  put_number(header, std::uint32_t{count_ == 0 ? 0U : 1U});  // dimensions
  put_number(header + 4, std::uint32_t{has_null_ ? 1U : 0U});
  put_number(header + 8, static_cast<std::uint32_t>(element_));
  put_number(header + 12, count_);
  put_number(header + 16, std::uint32_t{1});  // the first index
  return std::string(header, count_ == 0 ? 12 : 20) + elements_;
}

PostgresStatement::Parameter& PostgresStatement::parameter(int index, Oid type) {
  const auto place = static_cast<std::size_t>(index) - 1;
  if (parameters_.size() <= place) parameters_.resize(place + 1);
  parameters_[place].type = type;
  return parameters_[place];
}

void PostgresStatement::bind_integer(int index, OptionalInt value) {
  Parameter& to = parameter(index, kInt8);
  to.kind = value ? Parameter::Kind::kNumber : Parameter::Kind::kNull;
  if (value) put_number(to.number.data(), static_cast<std::uint64_t>(*value));
}

void PostgresStatement::bind_real(int index, double value) {
  Parameter& to = parameter(index, kFloat8);
  to.kind = std::isnan(value) ? Parameter::Kind::kNull : Parameter::Kind::kNumber;
  put_number(to.number.data(), std::bit_cast<std::uint64_t>(value));
}

void PostgresStatement::bind_text(int index, std::string_view value) {
  Parameter& to = parameter(index, kTextType);
  to.kind = Parameter::Kind::kData;
  to.data = value;
}

void PostgresStatement::bind_blob(int index, std::string_view bytes) {
  Parameter& to = parameter(index, kBytea);
  to.kind = Parameter::Kind::kData;
  to.data = bytes;
}

void PostgresStatement::bind_null(int index) {
  parameter(index, 0).kind = Parameter::Kind::kNull;
}

void PostgresStatement::bind(int index, const PostgresArray& array) {
  Parameter& to = parameter(index, array.type());
  to.kind = Parameter::Kind::kOwn;
  to.own = array.bytes();
}

void PostgresStatement::bind(int index, bool value) {
  Parameter& to = parameter(index, kBool);
  to.kind = Parameter::Kind::kOwn;
  to.own = std::string(1, value ? '\1' : '\0');
}

std::vector<std::uint32_t> PostgresStatement::types() const {
  std::vector<std::uint32_t> types;
  for (const Parameter& parameter : parameters_) types.push_back(parameter.type);
  return types;
}

PostgresStatement::Arguments PostgresStatement::arguments() const {
  Arguments arguments;
  for (const Parameter& from : parameters_) {
    std::string_view data;
    if (from.kind == Parameter::Kind::kNumber) data = {from.number.data(), from.number.size()};
    if (from.kind == Parameter::Kind::kData) data = from.data;
    if (from.kind == Parameter::Kind::kOwn) data = from.own;
    if (data.size() > static_cast<std::size_t>(std::numeric_limits<int>::max()))
      throw Error(ErrorKind::kUsage, "a value of " + std::to_string(data.size()) +
                                         " bytes is too large for the database");
    const bool null = from.kind == Parameter::Kind::kNull;
    // An empty view may have no address, which would be NULL.
    arguments.values.push_back(null ? nullptr : (data.data() != nullptr ? data.data() : ""));
    arguments.lengths.push_back(static_cast<int>(data.size()));
    arguments.formats.push_back(1);
  }
  return arguments;
}

PostgresResult PostgresStatement::run(PGconn* connection, std::int64_t session) {
  if (session_ != session) {
    const std::vector<Oid> known = types();
    PostgresResult prepared(PQprepare(connection, name_.c_str(), sql_.c_str(),
                                      static_cast<int>(known.size()), known.data()));
    if (!succeeded(prepared.get())) return prepared;
    session_ = session;
  }
  const Arguments given = arguments();
  return PostgresResult(PQexecPrepared(connection, name_.c_str(), given.count(),
                                       given.values.data(), given.lengths.data(),
                                       given.formats.data(), 1));
}

bool PostgresStatement::send(PGconn* connection, std::int64_t session) {
  if (session_ != session) {
    const std::vector<Oid> known = types();
    if (PQsendPrepare(connection, name_.c_str(), sql_.c_str(), static_cast<int>(known.size()),
                      known.data()) == 0)
      return false;
    session_ = session;
  }
  const Arguments given = arguments();
  return PQsendQueryPrepared(connection, name_.c_str(), given.count(), given.values.data(),
                             given.lengths.data(), given.formats.data(), 1) != 0;
}

void PostgresStatement::forget() {
  session_ = -1;
  name_ += 'x';  // the name may be taken, if it was prepared after all
}

bool PostgresStatement::step() {
  numbers_.clear();
  if (!result_) {
    result_ = connection_.run(*this);
    row_ = -1;
  }
  return ++row_ < PQntuples(result_.get());
}

void PostgresStatement::reset() noexcept {
  numbers_.clear();
  // The number of changed rows is asked for after the statement ran, and before the next.
  result_.reset();
}

std::int64_t PostgresStatement::changes() const {
  const char* count = result_ ? PQcmdTuples(result_.get()) : "";
  return std::strtoll(count, nullptr, 10);
}

OptionalInt PostgresStatement::inserted_id() {
  return row_ == 0 && PQntuples(result_.get()) == 1 ? OptionalInt(integer(0)) : OptionalInt();
}

bool PostgresStatement::is_null(int column) const {
  return PQgetisnull(result_.get(), row_, column) != 0;
}

std::int64_t PostgresStatement::integer(int column) const {
  if (is_null(column)) return 0;
  const char* value = PQgetvalue(result_.get(), row_, column);
  switch (PQftype(result_.get(), column)) {
    case kInt8:
      return static_cast<std::int64_t>(number_at(value, 8));
    case kInt4:
      return static_cast<std::int32_t>(number_at(value, 4));
    case kInt2:
      return static_cast<std::int16_t>(number_at(value, 2));
    case kBool:
      return *value;
    case kFloat8:
      return static_cast<std::int64_t>(real(column));
    default:
      break;
  }
  NAS_CHECK(false, "a column of an integer has another type: " + sql_);
  return 0;
}

double PostgresStatement::real(int column) const {
  if (is_null(column)) return std::numeric_limits<double>::quiet_NaN();
  const char* value = PQgetvalue(result_.get(), row_, column);
  switch (PQftype(result_.get(), column)) {
    case kFloat8:
      return std::bit_cast<double>(number_at(value, 8));
    case kFloat4:
      return std::bit_cast<float>(static_cast<std::uint32_t>(number_at(value, 4)));
    default:
      return static_cast<double>(integer(column));
  }
}

std::string_view PostgresStatement::text(int column) const {
  if (is_null(column)) return {};
  switch (PQftype(result_.get(), column)) {
    case kInt8:
    case kInt4:
    case kInt2:
    case kBool:
      return numbers_.emplace_back(std::to_string(integer(column)));
    case kFloat8:
    case kFloat4:
      return numbers_.emplace_back(format_double(real(column)));
    default:
      return blob(column);
  }
}

std::string_view PostgresStatement::blob(int column) const {
  if (is_null(column)) return {};
  return {PQgetvalue(result_.get(), row_, column),
          static_cast<std::size_t>(PQgetlength(result_.get(), row_, column))};
}

}  // namespace nas
