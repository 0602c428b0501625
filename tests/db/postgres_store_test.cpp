#include "db/postgres_store.h"

#include <doctest/doctest.h>

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "core/api/study_leads.h"
#include "core/api/trial_queue.h"
#include "core/util/error.h"
#include "core/util/text.h"
#include "tests/db/child_process.h"
#include "tests/db/postgres_server.h"
#include "tests/db/sample_rows.h"
#include "tests/db/store_conformance.h"

namespace nas::test {

namespace {

/// An empty store. It is always the same one: a new database with its tables takes longer than most
/// laws.
StoreAddress empty_store() {
  PostgresServer& server = PostgresServer::shared();
  static const std::string database = server.new_database();
  const StoreAddress address = server.address(database);
  open_postgres_store(address, OpenMode::kCreate);
  server.run_sql(
      "DO $$ BEGIN EXECUTE (SELECT 'TRUNCATE ' || string_agg('searchlight.' || relname, ', ') || "
      "' RESTART IDENTITY' FROM pg_class WHERE relnamespace = CAST('searchlight' AS regnamespace) "
      "AND relkind = 'r' AND relname <> 'schema_version'); END $$",
      database);
  return address;
}

Backend make_postgres_backend() {
  auto clock = std::make_shared<std::atomic<std::int64_t>>(1'700'000'000'000'000);
  PostgresOptions options;
  options.clock_us = [clock] { return clock->load(); };
  return {{},
          open_postgres_store(empty_store(), OpenMode::kCreate, options),
          [clock](double seconds) { *clock += static_cast<std::int64_t>(seconds * 1e6); }};
}

}  // namespace

TEST_CASE("the PostgreSQL store keeps the laws of StudyStore") {
  if (PostgresServer::available()) check_study_laws(make_postgres_backend);
}

TEST_CASE("the PostgreSQL store keeps the laws of TrialStore") {
  if (PostgresServer::available()) check_trial_laws(make_postgres_backend);
}

TEST_CASE("the PostgreSQL store keeps the laws of ResultStore and CatalogStore and StoreAdmin") {
  if (PostgresServer::available()) check_result_laws(make_postgres_backend);
}

TEST_CASE("the PostgreSQL store keeps the laws of BenchmarkStore and PredictorStore") {
  if (PostgresServer::available()) check_benchmark_laws(make_postgres_backend);
}

TEST_CASE("the PostgreSQL store keeps the laws of ArtifactStore and StudyCurveStore") {
  if (PostgresServer::available()) check_artifact_laws(make_postgres_backend);
}

TEST_CASE("the PostgreSQL store keeps the laws of TrialQueue and StudyLeads") {
  if (!PostgresServer::available()) return;
  check_lead_laws(make_postgres_backend);
  check_queue_laws(make_postgres_backend);
}

TEST_CASE("the PostgreSQL store keeps the laws of WorkerRegistry") {
  if (PostgresServer::available()) check_worker_laws(make_postgres_backend);
}

TEST_CASE("a worker's turn reads as few rows late in a study as early") {
  if (!PostgresServer::available()) return;
  PostgresServer& server = PostgresServer::shared();
  const std::string database = server.new_database();
  constexpr std::int64_t kTrials = 200;
  {
    const auto store = open_postgres_store(server.address(database), OpenMode::kCreate);
    const std::int64_t study = store->create_study(sample_study("s")).id;
    const Lead lead = study_leads(*store).lead({.study_id = study, .who = "host:1"}).value();
    TrialQueue& queue = trial_queue(*store);
    // The coordinator proposes while workers evaluate, all through connections that last.
    std::vector<TakenTrial> taken;
    for (std::int64_t number = 0; number < kTrials; ++number) {
      const TrialClaim claim = sample_claim(study, number);
      const QueuedTrial next{.number = number, .text = claim.text, .digest = claim.digest};
      REQUIRE(queue.enqueue(lead, {"nasbench201", "", "random"}, {&next, 1}));
      std::vector<TrialFinish> finishes;
      for (const TakenTrial& trial : taken) finishes.push_back(sample_finish(trial.claim, 90));
      taken = queue.finish_and_take(finishes, {.study_id = study, .worker = "host:2:0"}).taken;
      REQUIRE(taken.size() == 1);
    }
  }
  while (server.connections(database) > 0) std::this_thread::yield();
  // Counted when a connection ends. Plans that were made for a small table would read all of it.
  for (const char* table : {"trial", "queue", "proposal", "architecture", "metric"}) {
    const std::string read = server.run_sql(
        "SELECT coalesce(idx_tup_fetch, 0) + seq_tup_read FROM pg_stat_user_tables "
        "WHERE relname = '" +
            std::string(table) + "'",
        database);
    INFO(std::string(table) << ": " << read << " rows read");
    CHECK(parse_int(read).value() < 20 * kTrials);
  }
}

}  // namespace nas::test
