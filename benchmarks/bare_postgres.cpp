#include "benchmarks/bare_postgres.h"

#include <libpq-fe.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <vector>

namespace nas::benchmark {

namespace {

[[noreturn]] void give_up(PGconn* connection) {
  std::fprintf(stderr, "bare loop: %s\n", PQerrorMessage(connection));
  std::exit(2);
}

PGresult* checked(PGconn* connection, PGresult* result) {
  if (PQresultStatus(result) != PGRES_TUPLES_OK && PQresultStatus(result) != PGRES_COMMAND_OK)
    give_up(connection);
  return result;
}

void run_sql(PGconn* connection, const char* sql) {
  PQclear(checked(connection, PQexec(connection, sql)));
}

void prepare(PGconn* connection, const char* name, const char* sql) {
  PQclear(checked(connection, PQprepare(connection, name, sql, 0, nullptr)));
}

/// A connection, and the ids of what all trials share.
struct Place {
  PGconn* connection;
  std::string fidelity, device, space;
};

Place connect(const std::string& uri) {
  PGconn* connection = PQconnectdb(uri.c_str());
  if (PQstatus(connection) != CONNECTION_OK) give_up(connection);
  run_sql(connection, "SET search_path TO searchlight; SET jit TO off");
  run_sql(connection,
          "INSERT INTO fidelity (text) VALUES ('data=cifar10,epochs=12') ON CONFLICT DO NOTHING");
  run_sql(connection,
          "INSERT INTO device (name, settings, kind) VALUES ('host', 'batch=1', 'cpu') ON CONFLICT "
          "DO NOTHING");
  PGresult* ids = checked(
      connection,
      PQexec(connection,
             "SELECT fidelity.id, device.id, study.space_id FROM fidelity, device, study WHERE "
             "study.name = 'bench'"));
  Place place{connection, PQgetvalue(ids, 0, 0), PQgetvalue(ids, 0, 1), PQgetvalue(ids, 0, 2)};
  PQclear(ids);
  return place;
}

constexpr char kFinish[] =
    "SELECT finish_trials($1, false, $2, $3, $4, $5, $6, $7, $7, $7, $8, $9, $10, $11, $12, $13, "
    "$14, $15, '{}', '{}', '{}', '{}', '{}', '{}', '{}')";

/// Array literals of some results, as `kFinish` takes them.
class Results {
 public:
  Results(const Place& place, bool relaxed)
      : fidelity_(place.fidelity), device_(place.device), relaxed_(relaxed) {}

  void add(const char* id, const char* token, std::int64_t number) {
    const BenchmarkTrial trial = benchmark_trial(number);
    const char* comma = count_ == 0 ? "" : ",";
    const std::string place = std::to_string(++count_);
    ids_ += comma, ids_ += id;
    tokens_ += comma, tokens_ += token;
    states_ += comma, states_ += "complete";
    seconds_ += comma, seconds_ += "0.5";
    violations_ += comma, violations_ += "0";
    empty_ += comma, empty_ += "\"\"";
    places_ += comma, places_ += place + "," + place + "," + place;
    names_ += comma, names_ += "accuracy,params,latency_ms";
    char values[128];
    std::snprintf(values, sizeof values, "%.17g,%lld,%.17g", trial.accuracy,
                  static_cast<long long>(trial.params), trial.latency_ms);
    values_ += comma, values_ += values;
    statuses_ += comma, statuses_ += "finite,finite,finite";
    sources_ += comma, sources_ += "measured,computed,measured";
    fidelities_ += comma, fidelities_ += fidelity_ + ",NULL,NULL";
    devices_ += comma, devices_ += "NULL,NULL," + device_;
    networks_ += comma, networks_ += "\"\",\"\",\"\"";
  }

  static constexpr int kValues = 15;
  std::array<const char*, kValues> values() {
    std::size_t i = 0;
    std::array<const char*, kValues> result{};
    result[i++] = relaxed_ ? "true" : "false";
    for (std::string* text :
         {&ids_, &tokens_, &states_, &seconds_, &violations_, &empty_, &places_, &names_, &values_,
          &statuses_, &sources_, &fidelities_, &devices_, &networks_}) {
      *text += "}";
      result[i++] = text->c_str();
    }
    return result;
  }

 private:
  const std::string &fidelity_, &device_;
  bool relaxed_;
  int count_ = 0;
  std::string ids_ = "{", tokens_ = "{", states_ = "{", seconds_ = "{";
  std::string violations_ = "{", empty_ = "{", places_ = "{", names_ = "{", values_ = "{";
  std::string statuses_ = "{", sources_ = "{", fidelities_ = "{", devices_ = "{", networks_ = "{";
};

/// The answers up to the synchronisation; the last one with rows is returned.
PGresult* receive(PGconn* connection) {
  PGresult* last = nullptr;
  while (true) {
    PGresult* result = PQgetResult(connection);
    if (result == nullptr) continue;
    if (PQresultStatus(result) == PGRES_PIPELINE_SYNC) {
      PQclear(result);
      return last;
    }
    checked(connection, result);
    if (last != nullptr) PQclear(last);
    last = result;
  }
}

}  // namespace

void run_bare_postgres_trials(const std::string& uri, const Share& share) {
  const Place at = connect(uri);
  PGconn* connection = at.connection;
  prepare(connection, "claim",
          "SELECT * FROM claim_trial($1, $2, $3, $4, $5, $6, $7, '', 'host:1:0', 60000000, "
          "'random', 'sample', 0.001, NULL, false)");
  prepare(connection, "finish", kFinish);
  const std::string study = std::to_string(share.study_id);
  for (std::int64_t number = share.first; number < share.end; number += share.step) {
    const BenchmarkTrial trial = benchmark_trial(number);
    const std::string place = std::to_string(number), params = std::to_string(trial.params);
    const std::string macs = std::to_string(trial.params * 100);
    const std::array<const char*, 7> values = {
        study.c_str(),      place.c_str(),  at.space.c_str(), trial.digest.c_str(),
        trial.text.c_str(), params.c_str(), macs.c_str()};
    PGresult* claim = checked(
        connection, PQexecPrepared(connection, "claim", 7, values.data(), nullptr, nullptr, 0));
    if (PQntuples(claim) != 1) std::exit(2);
    Results results(at, false);
    results.add(PQgetvalue(claim, 0, 0), PQgetvalue(claim, 0, 2), number);
    PQclear(claim);
    PGresult* finish =
        checked(connection, PQexecPrepared(connection, "finish", Results::kValues,
                                           results.values().data(), nullptr, nullptr, 0));
    if (PQntuples(finish) != 0) std::exit(2);
    PQclear(finish);
  }
  PQfinish(connection);
}

void run_bare_postgres_queue(const std::string& uri, const QueueShare& share) {
  const Place at = connect(uri);
  PGconn* connection = at.connection;
  prepare(connection, "finish", kFinish);
  prepare(connection, "take",
          "SELECT * FROM take_trials($1, $2, 'host:1:0', 60000000, $3, '{}', NULL, $4, $5)");
  const std::string study = std::to_string(share.study_id), batch = std::to_string(share.batch);
  std::string lowest = "0", looked_us = "0";
  std::array<const char*, 5> take = {share.relaxed ? "true" : "false", study.c_str(), batch.c_str(),
                                     lowest.c_str(), looked_us.c_str()};
  PQenterPipelineMode(connection);
  PQsendQueryPrepared(connection, "take", 5, take.data(), nullptr, nullptr, 0);
  PQpipelineSync(connection);
  PGresult* taken = receive(connection);
  while (PQntuples(taken) > 0) {
    Results results(at, share.relaxed);
    for (int i = 0; i < PQntuples(taken); ++i) {
      results.add(PQgetvalue(taken, i, 0), PQgetvalue(taken, i, 2),
                  std::strtoll(PQgetvalue(taken, i, 3), nullptr, 10));
    }
    lowest = PQgetvalue(taken, 0, 3);
    looked_us = PQgetvalue(taken, 0, 8);
    take[3] = lowest.c_str();
    take[4] = looked_us.c_str();
    PQclear(taken);
    PQsendQueryPrepared(connection, "finish", Results::kValues, results.values().data(), nullptr,
                        nullptr, 0);
    PQsendQueryPrepared(connection, "take", 5, take.data(), nullptr, nullptr, 0);
    PQpipelineSync(connection);
    taken = receive(connection);
  }
  PQclear(taken);
  PQfinish(connection);
}

}  // namespace nas::benchmark
