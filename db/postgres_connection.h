#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "db/connection.h"
#include "db/postgres_session.h"
#include "db/postgres_statement.h"

namespace nas {

/// A connection to a PostgreSQL server. One that is lost is made again before the next transaction,
/// with growing pauses while the server restarts. Transactions that write are READ COMMITTED, those
/// that read see one snapshot. Not thread-safe.
class PostgresConnection final : public Connection {
 public:
  PostgresConnection(StoreAddress address, bool writes, PostgresOptions options);

  void run_script(const std::string& sql) override;
  /// The clock of the server. Within a transaction it stands still.
  std::int64_t now_us() override;
  const std::string& path_text() const override { return text_; }
  std::filesystem::path files() const override;
  std::int64_t change_mark() override;
  std::int64_t size_bytes() override;
  bool ids_are_in_order() const override { return false; }
  std::function<void()> interrupter() override;
  void check_references(bool /*enabled*/) override {}  // every reference has an index
  std::int64_t last_id(std::string_view table) override;
  void keep_last_id(std::string_view table, std::int64_t id) override;
  std::string locked(std::string_view select) const override;

  /// A statement that writes and is a transaction of its own. `bind(statement, again)` gives it its
  /// values: `again` says that it may have been done before, on a connection that was lost.
  /// Returns `read(rows)`.
  template <class Bind, class Read>
  auto call(std::string_view sql, const Bind& bind, const Read& read) {
    bool again = false;
    for (int attempt = 1;; ++attempt) {
      try {
        const Calling calling(*this);
        PostgresStatement& statement = find_statement(sql, statements_, "");
        Rows rows(statement);
        bind(statement, again);
        return read(rows);
      } catch (const LostConnection&) {
        again = true;
        if (!may_try_again(attempt)) throw;
      } catch (const TransientError&) {
        if (!may_try_again(attempt)) throw;
      }
    }
  }

  /// One of several statements of a call.
  struct Step {
    std::string_view sql;
    std::function<void(PostgresStatement&, bool again)> bind;
    std::function<void(Rows&)> read;
  };
  /// `call` of several statements, different ones, as one transaction in one round trip.
  void call_all(std::span<const Step> steps);

  /// For statements whose values no other database has: arrays.
  PostgresStatement& statement(std::string_view sql) {
    return find_statement(sql, statements_, "");
  }

  /// Runs a statement of ours; what reads outside a transaction is done again after a lost
  /// connection.
  PostgresResult run(PostgresStatement& statement);
  /// Runs one statement as it stands, whose values come as texts. The result may be a failure.
  PostgresResult run_text(const std::string& sql);

  const StoreAddress& address() const { return address_; }
  const PostgresOptions& options() const { return options_; }
  bool writes() const { return writes_; }
  const std::string& schema() const { return session_.schema; }
  pg_conn* get() const { return session_.connection.get(); }
  /// "PostgreSQL 15.3".
  std::string server() const;

 private:
  using Statements = std::map<std::string, std::unique_ptr<PostgresStatement>, std::less<>>;

  /// While it lives, statements are not done again one by one.
  class Calling {
   public:
    explicit Calling(PostgresConnection& connection) : connection_(connection) {
      connection_.be_connected();
      connection_.move_clock();
      connection_.whole_ = true;
    }
    ~Calling() { connection_.end_call(); }
    Calling(const Calling&) = delete;
    Calling& operator=(const Calling&) = delete;

   private:
    PostgresConnection& connection_;
  };

  PostgresStatement& find_statement(std::string_view sql, Statements& statements,
                                    std::string_view suffix);
  Statement& prepared(std::string_view sql) override;
  Statement& prepared_insert(std::string_view sql) override;
  void begin(Transaction::Kind kind) override;
  void commit() override;
  void roll_back() noexcept override;
  bool may_try_again(int attempt) override;

  void end_call() noexcept;
  /// Sends without waiting for an answer.
  void send(std::span<const Step> steps, bool again);
  /// Waits for all answers. Throws when one is a failure: then nothing was kept.
  void receive(std::span<const Step> steps);
  [[noreturn]] void fail(const pg_result* result);
  /// Connects again unless connected.
  void be_connected();
  void connect_again();
  void move_clock();
  /// After a connection was lost during the commit of a transaction: was it kept?
  bool was_committed(const std::string& transaction_id);

  StoreAddress address_;
  std::string text_;  ///< of the address, printable
  bool writes_;
  PostgresOptions options_;
  PostgresSession session_;
  std::int64_t sessions_ = 0;  ///< a number for the session
  bool whole_ = false;         ///< inside a transaction, or a call
  std::string transaction_id_;
  bool lost_ = false;
  bool refused_ = false;  ///< a value that was there already
  std::optional<std::int64_t> now_;
  std::int64_t clock_us_ = 0;  ///< that tests have given the session
  Statements statements_, inserts_;
};

}  // namespace nas
