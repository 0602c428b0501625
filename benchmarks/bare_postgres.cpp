#include "benchmarks/bare_postgres.h"

#include <libpq-fe.h>

#include <array>
#include <cstdio>
#include <cstdlib>

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

template <std::size_t size>
PGresult* run(PGconn* connection, const char* name, const std::array<const char*, size>& values) {
  return checked(connection, PQexecPrepared(connection, name, static_cast<int>(size), values.data(),
                                            nullptr, nullptr, 0));
}

}  // namespace

void run_bare_postgres_trials(const std::string& uri, const Share& share) {
  PGconn* connection = PQconnectdb(uri.c_str());
  if (PQstatus(connection) != CONNECTION_OK) give_up(connection);
  PQclear(
      checked(connection, PQexec(connection, "SET search_path TO searchlight; SET jit TO off")));
  PQclear(
      checked(connection,
              PQexec(connection,
                     "INSERT INTO fidelity (text) VALUES ('data=cifar10,epochs=12') ON CONFLICT "
                     "DO NOTHING")));
  PQclear(checked(connection,
                  PQexec(connection,
                         "INSERT INTO device (name, settings, kind) VALUES ('host', 'batch=1', "
                         "'cpu') ON CONFLICT DO NOTHING")));
  PGresult* ids = checked(
      connection,
      PQexec(connection,
             "SELECT fidelity.id, device.id, study.space_id FROM fidelity, device, study WHERE "
             "study.name = 'bench'"));
  const std::string fidelity = PQgetvalue(ids, 0, 0), device = PQgetvalue(ids, 0, 1);
  const std::string space = PQgetvalue(ids, 0, 2), study = std::to_string(share.study_id);
  PQclear(ids);
  PQclear(checked(connection,
                  PQprepare(connection, "claim",
                            "SELECT * FROM claim_trial($1, $2, $3, $4, $5, $6, $7, '', 'host:1:0', "
                            "60000000, 'random', 'sample', 0.001, NULL, false)",
                            0, nullptr)));
  PQclear(checked(
      connection,
      PQprepare(connection, "finish",
                "SELECT finish_trial($1, 1, 'complete', 1.5, 0, '', '', false, $2, $3, $4, $5, $6, "
                "$7, $8, '{}', '{}', '{}', '{}', '')",
                0, nullptr)));
  const std::string fidelities = "{" + fidelity + ",NULL,NULL}";
  const std::string devices = "{NULL,NULL," + device + "}";
  for (std::int64_t number = share.first; number < share.end; number += share.step) {
    const BenchmarkTrial trial = benchmark_trial(number);
    const std::string place = std::to_string(number), params = std::to_string(trial.params);
    const std::string macs = std::to_string(trial.params * 100);
    PGresult* claim = run<7>(connection, "claim",
                             {study.c_str(), place.c_str(), space.c_str(), trial.digest.c_str(),
                              trial.text.c_str(), params.c_str(), macs.c_str()});
    if (PQntuples(claim) != 1) std::exit(2);
    const std::string id = PQgetvalue(claim, 0, 0);
    PQclear(claim);
    char values[128];
    std::snprintf(values, sizeof values, "{%.17g,%s,%.17g}", trial.accuracy, params.c_str(),
                  trial.latency_ms);
    PGresult* finish = run<8>(
        connection, "finish",
        {id.c_str(), "{accuracy,params,latency_ms}", values, "{finite,finite,finite}",
         "{measured,computed,measured}", fidelities.c_str(), devices.c_str(), "{\"\",\"\",\"\"}"});
    if (*PQgetvalue(finish, 0, 0) != 't') std::exit(2);
    PQclear(finish);
  }
  PQfinish(connection);
}

}  // namespace nas::benchmark
