#include "db/postgres_store.h"

#include <doctest/doctest.h>

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "core/util/error.h"
#include "tests/db/child_process.h"
#include "tests/db/postgres_server.h"
#include "tests/db/sample_rows.h"
#include "tests/db/store_conformance.h"

namespace nas::test {

namespace {

Backend make_postgres_backend() {
  PostgresServer& server = PostgresServer::shared();
  auto clock = std::make_shared<std::atomic<std::int64_t>>(1'700'000'000'000'000);
  PostgresOptions options;
  options.clock_us = [clock] { return clock->load(); };
  const StoreAddress address = server.address(server.new_database());
  return {open_postgres_store(address, OpenMode::kCreate, options),
          [clock](double seconds) { *clock += static_cast<std::int64_t>(seconds * 1e6); },
          {}};
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

}  // namespace nas::test
