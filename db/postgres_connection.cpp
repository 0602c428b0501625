#include "db/postgres_connection.h"

#include <libpq-fe.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "core/util/error.h"
#include "core/util/text.h"

namespace nas {

namespace {

using SteadyClock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr int kMostAttempts = 20;
constexpr char kNow[] = "SELECT now_us()";
// Changes with every transaction that writes anywhere on the server.
constexpr char kChangeMark[] = "SELECT hashtextextended(CAST(txid_current_snapshot() AS text), 0)";
constexpr char kSize[] = "SELECT pg_table_size('trial')";

/// Between half of `longest` and all of it, another time in each process.
milliseconds pause_of(std::int64_t longest, std::int64_t attempt) {
  const std::int64_t spread = (::getpid() * 7919LL + attempt * 104'729LL) % (longest / 2 + 1);
  return milliseconds(longest - spread);
}

}  // namespace

PostgresConnection::PostgresConnection(StoreAddress address, bool writes, PostgresOptions options)
    : address_(std::move(address)),
      text_(printable(address_.text())),
      writes_(writes),
      options_(std::move(options)) {
  if (options_.has_answered) {
    connect_again();
    return;
  }
  constexpr std::int64_t kPatience = 10;
  for (std::int64_t attempt = 1;; ++attempt) {
    const bool last = attempt == kPatience || options_.reconnect_ms == 0;
    try {
      session_ = connect_postgres(address_, writes_, options_);
      return;
    } catch (const UnreachableServer& error) {
      if (!error.starting() || last) throw;
    } catch (const TransientError&) {
      if (last) throw;  // lost before it was set up
    }
    std::this_thread::sleep_for(pause_of(200 * attempt, attempt));
  }
}

void PostgresConnection::fail(const PGresult* result) {
  refused_ = postgres_code(result) == "23505";
  if (postgres_code(result) == "57014" && options_.stop.stop_requested())
    throw Error(ErrorKind::kUsage, "database '" + text_ + "': interrupted");
  try {
    throw_postgres_failure(result, get(), text_);
  } catch (const LostConnection&) {
    lost_ = true;
    throw;
  }
}

void PostgresConnection::be_connected() {
  if (lost_ || PQstatus(get()) != CONNECTION_OK) connect_again();
}

void PostgresConnection::connect_again() {
  const auto since = SteadyClock::now();
  std::int64_t pause = 10;
  for (std::int64_t attempt = 1;; ++attempt) {
    try {
      session_ = connect_postgres(address_, writes_, options_);
      ++sessions_;
      clock_us_ = 0;
      lost_ = false;
      return;
    } catch (const UnreachableServer& error) {
      const auto waited = (SteadyClock::now() - since) / milliseconds(1);
      if (waited >= options_.reconnect_ms || options_.stop.stop_requested())
        throw Error(error.kind(), std::string(error.what()) + "; it was waited for during " +
                                      format_seconds(static_cast<double>(waited) / 1e3));
    } catch (const TransientError&) {
      // The new connection was lost before it was set up.
      if ((SteadyClock::now() - since) / milliseconds(1) >= options_.reconnect_ms) throw;
    }
    std::this_thread::sleep_for(pause_of(pause, attempt));
    pause = std::min<std::int64_t>(pause * 2, 1000);
  }
}

bool PostgresConnection::may_try_again(int attempt) {
  // Whoever was first has committed by the second time.
  const bool refused = std::exchange(refused_, false);
  if (attempt >= (refused ? 3 : kMostAttempts)) return false;
  std::this_thread::sleep_for(pause_of(std::min(attempt, 10), attempt));
  return true;
}

void PostgresConnection::move_clock() {
  if (!options_.clock_us) return;
  const std::int64_t now = options_.clock_us();
  if (now == clock_us_) return;
  run_script("SET searchlight.clock_us TO " + std::to_string(now));
  clock_us_ = now;
}

PostgresStatement& PostgresConnection::find_statement(std::string_view sql, Statements& statements,
                                                      std::string_view suffix) {
  auto found = statements.find(sql);
  if (found == statements.end()) {
    // Different names, as a session keeps all of them.
    const std::string name = (suffix.empty() ? "s" : "i") + std::to_string(statements.size());
    auto statement =
        std::make_unique<PostgresStatement>(*this, postgres_sql(sql) + std::string(suffix), name);
    found = statements.emplace(sql, std::move(statement)).first;
  }
  return *found->second;
}

Statement& PostgresConnection::prepared(std::string_view sql) {
  return find_statement(sql, statements_, "");
}

Statement& PostgresConnection::prepared_insert(std::string_view sql) {
  return find_statement(sql, inserts_, " RETURNING id");
}

PostgresResult PostgresConnection::run(PostgresStatement& statement) {
  for (int attempt = 1;; ++attempt) {
    if (!whole_) be_connected();
    PostgresResult result = statement.run(get(), sessions_);
    if (succeeded(result.get())) return result;
    if (whole_) fail(result.get());
    try {
      fail(result.get());
    } catch (const LostConnection&) {
      if (!may_try_again(attempt)) throw;
    }
  }
}

void PostgresConnection::end_call() noexcept {
  whole_ = false;
  // Cut short in the middle of a pipeline: a new connection is simpler than its rest.
  if (PQpipelineStatus(get()) != PQ_PIPELINE_OFF) lost_ = true;
}

void PostgresConnection::call_all(std::span<const Step> steps) {
  bool again = false;
  for (int attempt = 1;; ++attempt) {
    try {
      const Calling calling(*this);
      send(steps, again);
      receive(steps);
      return;
    } catch (const LostConnection&) {
      again = true;
      if (!may_try_again(attempt)) throw;
    } catch (const TransientError&) {
      if (!may_try_again(attempt)) throw;
    }
  }
}

void PostgresConnection::send(std::span<const Step> steps, bool again) {
  // Statements between two synchronisations are one transaction.
  if (PQenterPipelineMode(get()) == 0) fail(nullptr);
  for (const Step& step : steps) {
    PostgresStatement& to_send = statement(step.sql);
    const Rows rows(to_send);
    step.bind(to_send, again);
    if (!to_send.send(get(), sessions_)) fail(nullptr);
  }
}

void PostgresConnection::receive(std::span<const Step> steps) {
  std::vector<PostgresResult> results;
  PostgresResult failure;
  if (PQpipelineSync(get()) == 0) fail(nullptr);
  // After each answer comes a null pointer, after all of them the synchronisation.
  while (true) {
    PostgresResult result(PQgetResult(get()));
    if (!result) {
      if (PQstatus(get()) != CONNECTION_OK) break;
      continue;
    }
    const ExecStatusType status = PQresultStatus(result.get());
    if (status == PGRES_PIPELINE_SYNC) break;
    // The preparation of a statement gives one, too, which has no rows.
    if (status == PGRES_TUPLES_OK) results.push_back(std::move(result));
    if (status == PGRES_FATAL_ERROR && !failure) failure = std::move(result);
  }
  PQexitPipelineMode(get());
  if (failure || results.size() != steps.size()) {
    for (const Step& step : steps) statement(step.sql).forget();
    fail(failure.get());
  }
  for (std::size_t i = 0; i < steps.size(); ++i) {
    PostgresStatement& answered = statement(steps[i].sql);
    Rows rows(answered);
    answered.take(std::move(results[i]));
    steps[i].read(rows);
  }
}

PostgresResult PostgresConnection::run_text(const std::string& sql) {
  return PostgresResult(PQexecParams(get(), sql.c_str(), 0, nullptr, nullptr, nullptr, nullptr, 0));
}

void PostgresConnection::run_script(const std::string& sql) {
  if (!whole_) be_connected();
  const PostgresResult result(PQexec(get(), sql.c_str()));
  if (!succeeded(result.get())) fail(result.get());
}

void PostgresConnection::begin(Transaction::Kind kind) {
  NAS_CHECK(!whole_, "a transaction inside another");
  const bool write = kind == Transaction::Kind::kWrite;
  const char* sql = write ? "BEGIN ISOLATION LEVEL READ COMMITTED; SELECT txid_current()"
                          : "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
  for (int attempt = 1;; ++attempt) {
    be_connected();
    move_clock();
    const PostgresResult result(PQexec(get(), sql));
    if (succeeded(result.get())) {
      transaction_id_ = write ? PQgetvalue(result.get(), 0, 0) : "";
      break;
    }
    try {
      fail(result.get());
    } catch (const LostConnection&) {
      if (!may_try_again(attempt)) throw;
    }
  }
  whole_ = true;
  now_.reset();
}

void PostgresConnection::commit() {
  const PostgresResult result(PQexec(get(), "COMMIT"));
  if (succeeded(result.get())) {
    whole_ = false;
    now_.reset();
    // The server's word for a commit of what has failed.
    if (std::string_view(PQcmdStatus(result.get())) == "ROLLBACK")
      throw TransientError(ErrorKind::kIo, "database '" + text_ + "': a transaction was undone");
    return;
  }
  try {
    fail(result.get());
  } catch (const LostConnection&) {
    whole_ = false;
    now_.reset();
    if (transaction_id_.empty() || !was_committed(transaction_id_)) throw;
  }
}

bool PostgresConnection::was_committed(const std::string& transaction_id) {
  const std::string sql = "SELECT txid_status(" + transaction_id + ")";
  for (int attempt = 1;; ++attempt) {
    be_connected();
    const PostgresResult result = run_text(sql);
    if (!succeeded(result.get())) {
      // A server that crashed may have forgotten that it gave this number to anybody: "transaction
      // ID 730 is in the future". Nothing of such a transaction was kept.
      constexpr std::string_view kInvalidParameter = "22023";
      const char* code = PQresultErrorField(result.get(), PG_DIAG_SQLSTATE);
      if (code != nullptr && code == kInvalidParameter) return false;
      if (PQstatus(get()) == CONNECTION_OK || !may_try_again(attempt)) fail(result.get());
      continue;
    }
    const std::string_view status = PQgetvalue(result.get(), 0, 0);
    if (status == "committed") return true;
    if (status == "aborted") return false;
    // Still at it, for a connection that only we have given up; otherwise long forgotten.
    if (status != "in progress" || !may_try_again(attempt))
      throw Error(ErrorKind::kIo, "database '" + text_ +
                                      "': the connection was lost at the end of a transaction, and "
                                      "whether it was kept is not known; look, then run the same "
                                      "command again");
  }
}

void PostgresConnection::roll_back() noexcept {
  now_.reset();
  if (!std::exchange(whole_, false)) return;
  PostgresResult(PQexec(get(), "ROLLBACK"));
}

std::int64_t PostgresConnection::now_us() {
  if (whole_ && now_) return *now_;
  if (!whole_) {
    be_connected();
    move_clock();
  }
  Rows rows = select(kNow);
  rows.next();
  now_ = rows.integer(0);
  return *now_;
}

std::filesystem::path PostgresConnection::files() const {
  std::error_code error;
  return options_.files.empty() ? std::filesystem::current_path(error) : options_.files;
}

std::int64_t PostgresConnection::change_mark() {
  Rows rows = select(kChangeMark);
  return rows.next() ? rows.integer(0) : 0;
}

std::int64_t PostgresConnection::size_bytes() {
  Rows rows = select(kSize);
  return rows.next() ? rows.integer(0) : 0;
}

std::function<void()> PostgresConnection::interrupter() {
  const std::shared_ptr<PGcancel> cancel(PQgetCancel(get()), PQfreeCancel);
  return [cancel] {
    char message[256];
    if (cancel) PQcancel(cancel.get(), message, sizeof message);
  };
}

// Who may only read the tables may not ask for their sequences.
std::int64_t PostgresConnection::last_id(std::string_view table) {
  const std::string name = '"' + std::string(table) + '"';
  Rows rows = select("SELECT greatest((SELECT max(id) FROM " + name +
                         "), CASE WHEN has_sequence_privilege(place, 'USAGE, SELECT') THEN "
                         "pg_sequence_last_value(place) END, 0) FROM (SELECT "
                         "CAST(pg_get_serial_sequence(?, 'id') AS regclass) AS place) AS sequence",
                     name);
  return rows.next() ? rows.integer(0) : 0;
}

void PostgresConnection::keep_last_id(std::string_view table, std::int64_t id) {
  const std::string name = '"' + std::string(table) + '"';
  const std::int64_t last = std::max(id, last_id(table));
  if (last > 0)
    select("SELECT setval(CAST(pg_get_serial_sequence(?, 'id') AS regclass), ?)", name, last)
        .next();
}

std::string PostgresConnection::locked(std::string_view select) const {
  return std::string(select) + " FOR UPDATE";
}

std::string PostgresConnection::server() const {
  const std::string_view version = PQparameterStatus(get(), "server_version");
  return "PostgreSQL " + std::string(version.substr(0, version.find(' ')));
}

}  // namespace nas
