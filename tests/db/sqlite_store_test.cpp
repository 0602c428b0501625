#include "db/sqlite_store.h"

#include <doctest/doctest.h>

#include <atomic>
#include <memory>

#include "core/util/file.h"
#include "tests/db/sample_rows.h"
#include "tests/db/store_conformance.h"

namespace nas::test {

namespace {

Backend make_sqlite_backend() {
  auto directory = std::make_shared<TemporaryDirectory>();
  auto clock = std::make_shared<std::atomic<std::int64_t>>(1'700'000'000'000'000);
  SqliteOptions options;
  options.clock_us = [clock] { return clock->load(); };
  return {directory,
          open_sqlite_store(directory->path() / "results.db", OpenMode::kCreate, options),
          [clock](double seconds) { *clock += static_cast<std::int64_t>(seconds * 1e6); }};
}

}  // namespace

TEST_CASE("the SQLite store keeps the laws of StudyStore") {
  check_study_laws(make_sqlite_backend);
}

TEST_CASE("the SQLite store keeps the laws of TrialStore") {
  check_trial_laws(make_sqlite_backend);
}

TEST_CASE("the SQLite store keeps the laws of ResultStore and CatalogStore and StoreAdmin") {
  check_result_laws(make_sqlite_backend);
}

TEST_CASE("the SQLite store keeps the laws of BenchmarkStore and PredictorStore") {
  check_benchmark_laws(make_sqlite_backend);
}

TEST_CASE("the SQLite store keeps the laws of ArtifactStore and StudyCurveStore") {
  check_artifact_laws(make_sqlite_backend);
}

TEST_CASE("the SQLite store keeps the laws of StudyLeads and TrialQueue") {
  check_lead_laws(make_sqlite_backend);
  check_queue_laws(make_sqlite_backend);
}

TEST_CASE("the SQLite store keeps the laws of WorkerRegistry") {
  check_worker_laws(make_sqlite_backend);
}

TEST_CASE("a clock that jumps back an hour neither loses nor duplicates a trial") {
  Backend backend = make_sqlite_backend();
  Store& store = *backend.store;
  const StudyRow study = store.create_study(sample_study("s"));
  const ClaimedTrial claim = store.claim(sample_claim(study.id, 0)).value();
  backend.advance_clock(-3600);
  CHECK_FALSE(store.claim(sample_claim(study.id, 0)).has_value());
  CHECK(store.renew(claim, 60));
  CHECK(store.finish(sample_finish(claim, 90)));
  CHECK(store.check().empty());
}

TEST_CASE("a clock that jumps ahead an hour lets another worker in and keeps the late one out") {
  Backend backend = make_sqlite_backend();
  Store& store = *backend.store;
  const StudyRow study = store.create_study(sample_study("s"));
  const ClaimedTrial claim = store.claim(sample_claim(study.id, 0)).value();
  backend.advance_clock(3600);
  const ClaimedTrial second = store.claim(sample_claim(study.id, 0)).value();
  backend.advance_clock(-3600);
  CHECK_FALSE(store.finish(sample_finish(claim, 1)));
  CHECK(store.finish(sample_finish(second, 90)));
  CHECK(store.leaderboard(study.id, {"accuracy", true}, 5).size() == 1);
}

}  // namespace nas::test
