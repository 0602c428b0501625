#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>

#include "core/util/error.h"

namespace nas {

// What the store needs of a database, whichever it is: sqlite_connection.h and
// postgres_connection.h implement it. Statements are written once, in the SQL that both understand;
// parameters are `?` and `?N`. What a database says in words of its own is a method here.

/// What a statement takes and gives: NULL is std::nullopt.
using OptionalInt = std::optional<std::int64_t>;
/// Bytes of a BLOB, as opposed to text.
struct Blob {
  std::string_view bytes;
};

/// A value whose type is known when the program runs; std::monostate is NULL.
struct SqlBlob {
  std::string bytes;
  friend auto operator<=>(const SqlBlob&, const SqlBlob&) = default;
};
using SqlValue = std::variant<std::monostate, std::int64_t, double, std::string, SqlBlob>;

/// The same work may well succeed when it is done again from its start: another transaction came
/// between, or the connection was lost before anything was kept. `Connection::write` does so.
class TransientError : public Error {
 public:
  using Error::Error;
};

/// A prepared statement. Owned and cached by its Connection; used through `Connection::execute` and
/// `Rows`.
class Statement {
 public:
  Statement() = default;
  virtual ~Statement() = default;
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;

  // Texts and BLOBs must live until the statement is reset.
  void bind(int index, std::int64_t value) { bind_integer(index, value); }
  void bind(int index, int value) { bind_integer(index, value); }
  void bind(int index, double value) { bind_real(index, value); }  ///< NaN becomes NULL
  void bind(int index, std::string_view value) { bind_text(index, value); }
  void bind(int index, const std::string& value) { bind_text(index, value); }
  void bind(int index, const char* value) { bind_text(index, value); }
  void bind(int index, OptionalInt value) { bind_integer(index, value); }
  void bind(int index, Blob value) { bind_blob(index, value.bytes); }

  template <class... Values>
  void bind_all(const Values&... values) {
    int index = 0;
    (bind(++index, values), ...);
  }
  /// Values that are counted at run time; what they hold must live as theirs.
  void bind_all(std::span<const SqlValue> values);

  /// True: a row is there, whose columns may be read. Throws Error.
  virtual bool step() = 0;
  virtual void reset() noexcept = 0;
  /// Rows changed, after the last step of a statement that writes.
  virtual std::int64_t changes() const = 0;
  /// Of `Connection::insert`, after its step: nullopt when no row was added.
  virtual OptionalInt inserted_id() = 0;

  virtual bool is_null(int column) const = 0;
  virtual std::int64_t integer(int column) const = 0;
  virtual double real(int column) const = 0;  ///< NULL is NaN
  // Valid until the next step or reset.
  virtual std::string_view text(int column) const = 0;
  virtual std::string_view blob(int column) const = 0;

 private:
  virtual void bind_integer(int index, OptionalInt value) = 0;
  virtual void bind_real(int index, double value) = 0;
  virtual void bind_text(int index, std::string_view value) = 0;
  virtual void bind_blob(int index, std::string_view bytes) = 0;
  virtual void bind_null(int index) = 0;  ///< of whatever type the statement wants there
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
  bool is_null(int column) const { return statement_.is_null(column); }
  std::int64_t integer(int column) const { return statement_.integer(column); }
  double real(int column) const { return statement_.real(column); }  ///< NULL is NaN
  /// Valid until the next call of `next`.
  std::string_view text(int column) const { return statement_.text(column); }
  std::string string(int column) const { return std::string(text(column)); }
  OptionalInt optional_integer(int column) const {
    return is_null(column) ? OptionalInt() : OptionalInt(integer(column));
  }
  /// Valid until the next call of `next`.
  std::string_view blob(int column) const { return statement_.blob(column); }

 private:
  Statement& statement_;
};

class Connection;

/// A transaction: rolled back unless committed. One that reads sees one state of the database; what
/// one that writes has read stays as it is until the end, or its commit fails.
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

/// One connection to a results database. Every statement is prepared once. Not thread-safe.
class Connection {
 public:
  Connection() = default;
  virtual ~Connection() = default;
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  /// Runs a statement without result; returns the number of rows it changed.
  template <class... Values>
  std::int64_t execute(std::string_view sql, const Values&... values) {
    Statement& statement = prepared(sql);
    const Rows rows(statement);
    statement.bind_all(values...);
    statement.step();
    return statement.changes();
  }

  /// Adds a row to a table with an `id` and returns the id; nullopt when `ON CONFLICT DO NOTHING`
  /// left the table as it was.
  template <class... Values>
  OptionalInt insert_new(std::string_view sql, const Values&... values) {
    Statement& statement = prepared_insert(sql);
    const Rows rows(statement);
    statement.bind_all(values...);
    statement.step();
    return statement.inserted_id();
  }
  template <class... Values>
  std::int64_t insert(std::string_view sql, const Values&... values) {
    return insert_new(sql, values...).value();
  }

  /// The values must live as long as the rows.
  template <class... Values>
  Rows select(std::string_view sql, const Values&... values) {
    Statement& statement = prepared(sql);
    statement.bind_all(values...);
    return Rows(statement);
  }

  enum class Outcome { kKeep, kUndo };
  /// Does `work` in a transaction and returns what it returns. It is done again from its start
  /// after a TransientError, a few times at most.
  template <class Work>
  auto write(const Work& work, Outcome outcome = Outcome::kKeep) {
    return transact(Transaction::Kind::kWrite, work, outcome);
  }
  /// All that `work` reads is of one state of the database.
  template <class Work>
  auto read(const Work& work) {
    return transact(Transaction::Kind::kRead, work, Outcome::kUndo);
  }

  /// Several statements, unprepared: migrations and settings.
  virtual void run_script(const std::string& sql) = 0;
  /// Microseconds since 1970, UTC, of the clock that all processes on this database share.
  virtual std::int64_t now_us() = 0;
  /// How people know the database: its path, or its address without a password; printable.
  virtual const std::string& path_text() const = 0;
  /// What relative paths of models and artifacts are below.
  virtual std::filesystem::path files() const = 0;
  /// Another number after any commit by others. Throws Error(kIo) when the database is gone.
  virtual std::int64_t change_mark() = 0;
  /// Of all rows; a trial takes many bytes.
  virtual std::int64_t size_bytes() = 0;
  /// Whether rows become visible in the order of their ids.
  virtual bool ids_are_in_order() const = 0;
  /// Ends the statement that runs now with an error; may be called from any thread while the
  /// connection lives.
  virtual std::function<void()> interrupter() = 0;
  /// Of transactions from now on. One that removes a lot, and leaves no reference behind, may do
  /// without where the database would search its tables for each row.
  virtual void check_references(bool enabled) = 0;
  /// The largest id that a table with ids ever gave; 0 before the first.
  virtual std::int64_t last_id(std::string_view table) = 0;
  /// Ids up to this one are not given by the table from now on.
  virtual void keep_last_id(std::string_view table, std::int64_t id) = 0;

  /// A query of rows that nobody else may change, or refer to, until the transaction ends.
  virtual std::string locked(std::string_view select) const = 0;

  /// Grows with every writing transaction that was rolled back: what was remembered of it is void.
  std::int64_t rollbacks() const { return rollbacks_; }

 private:
  friend class Transaction;

  virtual Statement& prepared(std::string_view sql) = 0;
  virtual Statement& prepared_insert(std::string_view sql) = 0;
  virtual void begin(Transaction::Kind kind) = 0;
  virtual void commit() = 0;
  virtual void roll_back() noexcept = 0;
  /// Called after the `attempt`th failure; false: no further one.
  virtual bool may_try_again(int attempt) = 0;

  template <class Work>
  auto transact(Transaction::Kind kind, const Work& work, Outcome outcome) {
    for (int attempt = 1;; ++attempt) {
      try {
        Transaction transaction(*this, kind);
        if constexpr (std::is_void_v<decltype(work())>) {
          work();
          if (outcome == Outcome::kKeep) transaction.commit();
          return;
        } else {
          auto result = work();
          if (outcome == Outcome::kKeep) transaction.commit();
          return result;
        }
      } catch (const TransientError&) {
        if (!may_try_again(attempt)) throw;
      }
    }
  }

  std::int64_t rollbacks_ = 0;
};

}  // namespace nas
