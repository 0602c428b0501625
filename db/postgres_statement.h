#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "db/connection.h"
#include "db/postgres_error.h"

namespace nas {

class PostgresConnection;

/// A statement of the store as PostgreSQL has it: `?` and `?N` become `$N`, outside of quotes. `?`
/// is one more than the largest number so far, as in SQLite. Everything else is the same SQL.
std::string postgres_sql(std::string_view sql);

/// An array as one parameter, in the binary form: for functions that take many rows at once.
class PostgresArray {
 public:
  enum class Element : std::uint32_t { kInteger = 20, kText = 25, kReal = 701 };
  explicit PostgresArray(Element element) : element_(element) {}

  void add(std::string_view text);
  void add(OptionalInt value);
  void add(double value);  ///< NaN becomes NULL

  std::uint32_t type() const;
  std::string bytes() const;

 private:
  void add_bytes(const char* data, std::size_t size);
  void add_null();

  Element element_;
  std::uint32_t count_ = 0;
  bool has_null_ = false;
  std::string elements_;
};

/// A statement that is prepared on the server when it first runs on a connection. Values travel in
/// the binary form: doubles and BLOBs come back bit by bit. A type follows from what is bound:
/// bigint, double precision, text, bytea. The rows are read whole.
class PostgresStatement final : public Statement {
 public:
  PostgresStatement(PostgresConnection& connection, std::string sql, std::string name)
      : connection_(connection), sql_(std::move(sql)), name_(std::move(name)) {}

  using Statement::bind;
  void bind(int index, const PostgresArray& array);
  void bind(int index, bool value);

  bool step() override;
  void reset() noexcept override;
  std::int64_t changes() const override;
  OptionalInt inserted_id() override;

  bool is_null(int column) const override;
  std::int64_t integer(int column) const override;
  double real(int column) const override;
  std::string_view text(int column) const override;
  std::string_view blob(int column) const override;

  /// Prepares it unless it is, in this `session`, and runs it. The result may be a failure.
  PostgresResult run(pg_conn* connection, std::int64_t session);
  /// The same, in a pipeline. False: it could not be sent.
  bool send(pg_conn* connection, std::int64_t session);
  /// The result of one that was sent.
  void take(PostgresResult result) {
    result_ = std::move(result);
    row_ = -1;
  }
  /// What was prepared may not be.
  void forget();

 private:
  void bind_integer(int index, OptionalInt value) override;
  void bind_real(int index, double value) override;
  void bind_text(int index, std::string_view value) override;
  void bind_blob(int index, std::string_view bytes) override;
  void bind_null(int index) override;

  struct Parameter {
    std::uint32_t type = 0;
    std::array<char, 8> number{};
    std::string own;        ///< of an array
    std::string_view data;  ///< of the caller
    enum class Kind : std::uint8_t { kNull, kNumber, kData, kOwn } kind = Kind::kNull;
  };
  Parameter& parameter(int index, std::uint32_t type);
  /// The parameters as libpq takes them.
  struct Arguments {
    std::vector<const char*> values;
    std::vector<int> lengths, formats;
    int count() const { return static_cast<int>(values.size()); }
  };
  Arguments arguments() const;
  std::vector<std::uint32_t> types() const;

  PostgresConnection& connection_;
  std::string sql_;
  std::string name_;
  std::int64_t session_ = -1;  ///< in which it is prepared
  std::vector<Parameter> parameters_;
  PostgresResult result_;
  int row_ = -1;
  mutable std::deque<std::string> numbers_;  ///< read as texts
};

}  // namespace nas
