#include "benchmarks/bare_store.h"

#include <sqlite3.h>

#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>

#include "core/util/rng.h"

namespace nas::benchmark {

namespace {

sqlite3_stmt* prepare(sqlite3* database, const char* sql) {
  sqlite3_stmt* statement = nullptr;
  if (sqlite3_prepare_v3(database, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, nullptr) !=
      SQLITE_OK) {
    std::fprintf(stderr, "bare loop: %s\n", sqlite3_errmsg(database));
    std::exit(2);
  }
  return statement;
}

// One step of a statement without result; the bare loop stops the benchmark at the first failure.
void run(sqlite3* database, sqlite3_stmt* statement) {
  if (sqlite3_step(statement) != SQLITE_DONE) {
    std::fprintf(stderr, "bare loop: %s\n", sqlite3_errmsg(database));
    std::exit(2);
  }
  sqlite3_reset(statement);
}

std::int64_t now_us() {
  return std::chrono::system_clock::now().time_since_epoch() / std::chrono::microseconds(1);
}

void text(sqlite3_stmt* statement, int index, const std::string& value) {
  sqlite3_bind_text(statement, index, value.data(), static_cast<int>(value.size()), SQLITE_STATIC);
}

std::int64_t find_id(sqlite3_stmt* statement) {
  const std::int64_t id =
      sqlite3_step(statement) == SQLITE_ROW ? sqlite3_column_int64(statement, 0) : 0;
  sqlite3_reset(statement);
  return id;
}

enum StatementId : std::size_t {
  kFidelity,
  kDevice,
  kBegin,
  kCommit,
  kByNumber,
  kAddArchitecture,
  kAddTrial,
  kPropose,
  kById,
  kFinish,
  kAddMetric,
  kStatements
};
constexpr const char* kSql[kStatements] = {
    "SELECT id FROM fidelity WHERE text = 'data=cifar10,epochs=12'",
    "SELECT id FROM device WHERE name = 'host'",
    "BEGIN IMMEDIATE",
    "COMMIT",
    "SELECT id, study_id, number, architecture_id, token, lease_until_us, state, worker FROM trial "
    "WHERE study_id = ? AND number = ?",
    "INSERT INTO architecture (space_id, digest, text, published_params, published_macs, "
    "created_us) VALUES (1, ?, ?, ?, ?, ?) "
    "ON CONFLICT DO NOTHING",
    "INSERT INTO trial (study_id, number, architecture_id, network_id, state, worker, token, "
    "lease_until_us, started_us) VALUES (?, ?, ?, 1, 'running', 'host:1:0', 1, ?, ?)",
    "INSERT INTO proposal (trial_id, token, searcher, reason, seconds) VALUES (?, 1, 'random', "
    "'sample', 0.001)",
    "SELECT id, study_id, number, architecture_id, token, lease_until_us, state, worker FROM trial "
    "WHERE id = ?",
    "UPDATE trial SET state = 'complete', finished_us = ?, seconds = 1.5, violation = 0, error = "
    "'', "
    "reused_from = '' WHERE id = ?",
    "INSERT INTO metric (architecture_id, trial_id, study_id, trial_number, name, value, status, "
    "source, fidelity_id, device_id, network_id, ranked) VALUES (?, ?, ?, ?, ?, ?, 'finite', ?, ?, "
    "?, 1, 1)"};

class BareStore {
 public:
  BareStore(const std::string& path, std::int64_t study_id) : study_id_(study_id) {
    sqlite3_open_v2(path.c_str(), &database_, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, nullptr);
    sqlite3_busy_timeout(database_, 60'000);
    sqlite3_exec(
        database_,
        "PRAGMA foreign_keys = ON; PRAGMA cache_size = -32000; PRAGMA temp_store = MEMORY; "
        "PRAGMA journal_mode = WAL; "
        "PRAGMA synchronous = NORMAL; "
        "INSERT OR IGNORE INTO network (id, text) VALUES (1, 'image: float[3,32,32] -> class: "
        "classes[10]; width=16; depth=5'); "
        "INSERT OR IGNORE INTO fidelity (text) VALUES ('data=cifar10,epochs=12'); "
        "INSERT OR IGNORE INTO device (name, kind, settings) VALUES ('host', 'cpu', 'batch=1')",
        nullptr, nullptr, nullptr);
    for (std::size_t i = 0; i < kStatements; ++i) statements_[i] = prepare(database_, kSql[i]);
    fidelity_id_ = find_id(statements_[kFidelity]);
    device_id_ = find_id(statements_[kDevice]);
  }
  ~BareStore() {
    for (sqlite3_stmt* statement : statements_) sqlite3_finalize(statement);
    sqlite3_close(database_);
  }
  BareStore(const BareStore&) = delete;
  BareStore& operator=(const BareStore&) = delete;

  void claim(std::int64_t number, const BenchmarkTrial& trial) {
    run(database_, statements_[kBegin]);
    sqlite3_bind_int64(statements_[kByNumber], 1, study_id_);
    sqlite3_bind_int64(statements_[kByNumber], 2, number);
    find_id(statements_[kByNumber]);
    sqlite3_stmt* architecture = statements_[kAddArchitecture];
    text(architecture, 1, trial.digest);
    text(architecture, 2, trial.text);
    sqlite3_bind_int64(architecture, 3, trial.params);
    sqlite3_bind_int64(architecture, 4, trial.params * 100);
    sqlite3_bind_int64(architecture, 5, now_us());
    run(database_, architecture);
    architecture_id_ = sqlite3_last_insert_rowid(database_);
    const std::int64_t now = now_us();
    sqlite3_stmt* add = statements_[kAddTrial];
    const std::int64_t values[] = {study_id_, number, architecture_id_, now + 60'000'000, now};
    for (int i = 0; i < 5; ++i) sqlite3_bind_int64(add, i + 1, values[i]);
    run(database_, add);
    trial_id_ = sqlite3_last_insert_rowid(database_);
    sqlite3_bind_int64(statements_[kPropose], 1, trial_id_);
    run(database_, statements_[kPropose]);
    run(database_, statements_[kCommit]);
  }

  void finish(std::int64_t number, const BenchmarkTrial& trial) {
    run(database_, statements_[kBegin]);
    sqlite3_bind_int64(statements_[kById], 1, trial_id_);
    find_id(statements_[kById]);
    sqlite3_bind_int64(statements_[kFinish], 1, now_us());
    sqlite3_bind_int64(statements_[kFinish], 2, trial_id_);
    run(database_, statements_[kFinish]);
    add_metric(number, {"accuracy", trial.accuracy, "measured", fidelity_id_, 0});
    add_metric(number, {"params", static_cast<double>(trial.params), "computed", 0, 0});
    add_metric(number, {"latency_ms", trial.latency_ms, "measured", 0, device_id_});
    run(database_, statements_[kCommit]);
  }

 private:
  struct Metric {
    const char* name;
    double value;
    const char* source;
    std::int64_t fidelity_id;  ///< 0: none
    std::int64_t device_id;    ///< 0: none
  };

  void add_metric(std::int64_t number, const Metric& metric) {
    sqlite3_stmt* add = statements_[kAddMetric];
    const std::int64_t keys[] = {architecture_id_, trial_id_, study_id_, number};
    for (int i = 0; i < 4; ++i) sqlite3_bind_int64(add, i + 1, keys[i]);
    sqlite3_bind_text(add, 5, metric.name, -1, SQLITE_STATIC);
    sqlite3_bind_double(add, 6, metric.value);
    sqlite3_bind_text(add, 7, metric.source, -1, SQLITE_STATIC);
    metric.fidelity_id != 0 ? sqlite3_bind_int64(add, 8, metric.fidelity_id)
                            : sqlite3_bind_null(add, 8);
    metric.device_id != 0 ? sqlite3_bind_int64(add, 9, metric.device_id)
                          : sqlite3_bind_null(add, 9);
    run(database_, add);
  }

  sqlite3* database_ = nullptr;
  std::array<sqlite3_stmt*, kStatements> statements_{};
  std::int64_t study_id_;
  std::int64_t fidelity_id_ = 0;
  std::int64_t device_id_ = 0;
  std::int64_t architecture_id_ = 0;
  std::int64_t trial_id_ = 0;
};

}  // namespace

BenchmarkTrial benchmark_trial(std::int64_t number) {
  static const char* const kOps[] = {"none", "skip_connect", "nor_conv_1x1", "nor_conv_3x3",
                                     "avg_pool_3x3"};
  Rng rng(
      RngKey{.seed = 1, .trial = static_cast<std::uint64_t>(number), .purpose = Purpose::kTest});
  BenchmarkTrial trial;
  const auto op = [&] { return std::string(kOps[rng.below(5)]); };
  trial.text = "|" + op() + "~0|+|" + op() + "~0|" + op() + "~1|+|" + op() + "~0|" + op() + "~1|" +
               op() + "~2|#" + std::to_string(number);
  trial.words = {rng.next_u64(), static_cast<std::uint64_t>(number)};
  char digest[33];
  std::snprintf(digest, sizeof digest, "%016llx%016llx",
                static_cast<unsigned long long>(trial.words[0]),
                static_cast<unsigned long long>(trial.words[1]));
  trial.digest = digest;
  trial.accuracy = 50 + 45 * rng.uniform();
  trial.params = 100'000 + static_cast<std::int64_t>(rng.below(1000)) * 1000;
  trial.latency_ms = 1 + 10 * rng.uniform();
  return trial;
}

void run_bare_trials(const std::string& path, const Share& share) {
  BareStore store(path, share.study_id);
  for (std::int64_t number = share.first; number < share.end; number += share.step) {
    const BenchmarkTrial trial = benchmark_trial(number);
    store.claim(number, trial);
    store.finish(number, trial);
  }
}

}  // namespace nas::benchmark
