#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "core/api/study_editor.h"
#include "core/util/error.h"
#include "db/postgres_connection.h"
#include "db/postgres_store.h"
#include "tests/db/postgres_server.h"
#include "tests/db/sample_rows.h"

namespace nas::test {

namespace {

using std::chrono::milliseconds;

/// A store in a database of its own.
struct Sample {
  explicit Sample(PostgresServer& of)
      : server(of),
        database(of.new_database()),
        address(of.address(database)),
        store(open_postgres_store(address, OpenMode::kCreate)),
        study(store->create_study(sample_study("s")).id) {}

  /// Runs `sql` as the administrator until it gives `value`.
  void wait_until(const std::string& sql, const std::string& value) const {
    for (int attempt = 0; attempt < 1000; ++attempt) {
      if (server.run_sql(sql, database) == value) return;
      std::this_thread::sleep_for(milliseconds(10));
    }
    FAIL("waited in vain for " << sql);
  }
  void wait_until_one_waits_for_a_lock() const {
    wait_until("SELECT count(*) FROM pg_stat_activity WHERE datname = '" + database +
                   "' AND wait_event_type = 'Lock'",
               "1");
  }
  void cut_who_waits() const {
    server.run_sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '" +
                       database + "' AND wait_event_type = 'Lock'",
                   database);
  }

  PostgresServer& server;
  std::string database;
  StoreAddress address;
  std::unique_ptr<Store> store;
  std::int64_t study;
};

/// Keeps rows locked while it lives.
class RowLock {
 public:
  RowLock(const StoreAddress& address, const std::string& rows) : connection_(address, true, {}) {
    connection_.run_script("BEGIN; SELECT 1 FROM " + rows + " FOR UPDATE");
  }

 private:
  PostgresConnection connection_;
};

}  // namespace

TEST_CASE("a transaction that is cut in the middle is done again, whole") {
  if (!PostgresServer::available()) return;
  Sample sample(PostgresServer::shared());
  auto lock = std::make_unique<RowLock>(sample.address, "study");
  std::jthread worker([&] { sample.store->set_study_state(sample.study, StudyState::kPaused); });
  sample.wait_until_one_waits_for_a_lock();
  sample.cut_who_waits();
  sample.wait_until_one_waits_for_a_lock();  // it is back
  lock.reset();
  worker.join();
  CHECK(sample.store->find_study("s").value().state == StudyState::kPaused);
}

TEST_CASE("claims and results that are cut in the middle are stored once") {
  if (!PostgresServer::available()) return;
  Sample sample(PostgresServer::shared());
  const ClaimedTrial claim = sample.store->claim(sample_claim(sample.study, 0)).value();
  auto lock = std::make_unique<RowLock>(sample.address, "trial");
  std::atomic<bool> stored = false;
  std::jthread worker([&] { stored = sample.store->finish(sample_finish(claim, 90)); });
  for (int cut = 0; cut < 3; ++cut) {
    sample.wait_until_one_waits_for_a_lock();
    sample.cut_who_waits();
  }
  lock.reset();
  worker.join();
  CHECK(stored);
  CHECK(sample.store->trials(sample.study).at(0).metrics.size() == 1);
  CHECK(sample.store->events(sample.study, 10).empty());
  CHECK_FALSE(sample.store->finish(sample_finish(claim, 91)));
}

TEST_CASE("a result whose acknowledgement was lost is neither refused nor stored twice") {
  if (!PostgresServer::available()) return;
  Sample sample(PostgresServer::shared());
  // Nobody confirms commits: they are kept, but the client waits.
  const auto confirm = [&](const std::string& by) {
    sample.server.run_sql("ALTER SYSTEM SET synchronous_standby_names TO '" + by + "'");
    sample.server.run_sql("SELECT pg_reload_conf()");
    sample.server.run_sql("SELECT pg_sleep(0.3)");  // until every process has read it
  };
  const auto cut_at_commit = [&](const std::function<void()>& work) {
    confirm("nobody");
    std::jthread worker(work);
    const std::string who = "FROM pg_stat_activity WHERE datname = '" + sample.database +
                            "' AND wait_event = 'SyncRep'";
    sample.wait_until("SELECT count(*) " + who, "1");
    sample.server.run_sql("SELECT pg_terminate_backend(pid) " + who);
    // What is done again may wait for the same thing.
    confirm("");
    worker.join();
  };
  std::optional<ClaimedTrial> claim;
  cut_at_commit([&] { claim = sample.store->claim(sample_claim(sample.study, 0)); });
  REQUIRE(claim.has_value());
  bool stored = false;
  cut_at_commit([&] { stored = sample.store->finish(sample_finish(*claim, 90)); });
  CHECK(stored);
  cut_at_commit([&] { sample.store->add_event({.study_id = sample.study, .kind = "k"}); });
  CHECK(sample.store->trials(sample.study).at(0).metrics.size() == 1);
  CHECK(sample.store->events(sample.study, 10).size() == 1);
  CHECK(sample.store->check().empty());
}

TEST_CASE("a server that restarts between two calls is waited for") {
  if (!PostgresServer::available()) return;
  PostgresServer server;
  Sample sample(server);
  const ClaimedTrial claim = sample.store->claim(sample_claim(sample.study, 0)).value();
  server.restart();
  CHECK(sample.store->renew(claim, 60));
  server.restart();
  CHECK(sample.store->finish(sample_finish(claim, 90)));
  server.restart();
  CHECK(sample.store->trials(sample.study).size() == 1);
  server.stop();
  std::atomic<bool> found = false;
  std::jthread waiting([&] { found = sample.store->find_study("s").has_value(); });
  std::this_thread::sleep_for(milliseconds(300));
  server.start();
  waiting.join();
  CHECK(found);

  // A further connection waits as well.
  server.stop();
  std::unique_ptr<Store> further;
  std::jthread connecting([&] { further = sample.store->connect(); });
  std::this_thread::sleep_for(milliseconds(300));
  server.start();
  connecting.join();
  REQUIRE(further != nullptr);
  CHECK(further->find_study("s").has_value());

  server.stop();
  PostgresOptions impatient;
  impatient.reconnect_ms = 200;
  const auto is_gone = [&] {
    return open_postgres_store(sample.address, OpenMode::kReadWrite, impatient);
  };
  CHECK_THROWS_WITH_AS(is_gone(), doctest::Contains("cannot be reached"), Error);
  server.start();
  const auto store = is_gone();
  server.stop();
  CHECK_THROWS_WITH_AS(store->studies(), doctest::Contains("it was waited for"), Error);
}

TEST_CASE("kill -9 of the server loses no result that was acknowledged, and stores none twice") {
  if (!PostgresServer::available()) return;
  PostgresServer server(PostgresServer::Disk::kDurable);
  Sample sample(server);
  constexpr int kWorkers = 4;
  std::atomic<std::int64_t> next = 0;
  std::atomic<bool> enough = false;
  std::vector<std::set<std::int64_t>> stored(kWorkers);
  std::vector<std::string> errors(kWorkers);
  {
    std::vector<std::jthread> workers;
    for (int i = 0; i < kWorkers; ++i) {
      workers.emplace_back([&, i] {
        const auto mine = static_cast<std::size_t>(i);
        try {
          const auto store = open_postgres_store(sample.address, OpenMode::kReadWrite);
          while (!enough) {
            TrialClaim request = sample_claim(sample.study, next++);
            request.worker = "host:1:" + std::to_string(i);
            const auto claim = store->claim(request);
            if (claim && store->finish(sample_finish(*claim, 90)))
              stored[mine].insert(request.number);
          }
        } catch (const std::exception& error) {
          errors[mine] = error.what();
        }
      });
    }
    // However slow the machine is, some are under way before each kill and behind the last.
    const auto work_a_while = [&next] {
      const std::int64_t before = next;
      std::this_thread::sleep_for(milliseconds(300));
      for (int wait = 0; wait < 3000 && next < before + 2 * kWorkers; ++wait)
        std::this_thread::sleep_for(milliseconds(10));
    };
    for (int round = 0; round < 3; ++round) {
      work_a_while();
      server.kill();
      server.start();
    }
    work_a_while();
    enough = true;
  }
  for (const std::string& error : errors) CHECK(error == "");
  std::set<std::int64_t> acknowledged;
  for (const auto& numbers : stored) acknowledged.insert(numbers.begin(), numbers.end());
  CHECK(acknowledged.size() > 10);
  std::set<std::int64_t> complete;
  for (const TrialRow& trial : sample.store->trials(sample.study)) {
    if (trial.state != TrialState::kComplete) continue;
    complete.insert(trial.number);
    CHECK(trial.metrics.size() == 1);
  }
  // Each result was acknowledged, and each acknowledged result is there.
  CHECK(complete == acknowledged);
  CHECK(sample.store->events(sample.study, 10).empty());
  CHECK(sample.store->check().empty());
}

TEST_CASE("a transaction that was idle for too long is done again") {
  if (!PostgresServer::available()) return;
  Sample sample(PostgresServer::shared());
  PostgresConnection connection(sample.address, true, {});
  connection.run_script("SET idle_in_transaction_session_timeout TO 50");
  int attempts = 0;
  connection.write([&] {
    connection.execute("INSERT INTO event (at_us, kind, text) VALUES (1, 'k', '')");
    if (++attempts == 1) std::this_thread::sleep_for(milliseconds(300));
    connection.execute("INSERT INTO event (at_us, kind, text) VALUES (2, 'k', '')");
  });
  CHECK(attempts == 2);
  CHECK(sample.store->query("SELECT count(*) FROM event", 1).rows.at(0).at(0) == "2");
}

TEST_CASE("a statement that the server ends is its failure, not a request of the user") {
  if (!PostgresServer::available()) return;
  Sample sample(PostgresServer::shared());
  PostgresConnection connection(sample.address, true, {});
  connection.run_script("SET statement_timeout TO 50");
  try {
    connection.run_script("SELECT pg_sleep(10)");
    FAIL("it was not ended");
  } catch (const Error& error) {
    CHECK(error.kind() == ErrorKind::kIo);
  }
}

TEST_CASE("two transactions that block each other are both done") {
  if (!PostgresServer::available()) return;
  Sample sample(PostgresServer::shared());
  const std::int64_t other = sample.store->create_study(sample_study("t")).id;
  sample.server.run_sql("ALTER DATABASE " + sample.database + " SET deadlock_timeout TO '20ms'");
  std::atomic<int> ready = 0;
  std::atomic<int> attempts = 0;
  const auto update = [&](std::int64_t first, std::int64_t second) {
    PostgresConnection connection(sample.address, true, {});
    constexpr char kUpdate[] = "UPDATE study SET budget_trials = budget_trials + 1 WHERE id = ?";
    connection.write([&] {
      ++attempts;
      connection.execute(kUpdate, first);
      ++ready;
      while (ready < 2) std::this_thread::yield();
      connection.execute(kUpdate, second);
    });
  };
  {
    std::jthread one([&] { update(sample.study, other); });
    std::jthread two([&] { update(other, sample.study); });
  }
  CHECK(attempts.load() >= 3);
  CHECK(sample.store->find_study("s").value().spec.budget_trials == 102);
  CHECK(sample.store->find_study("t").value().spec.budget_trials == 102);
}

TEST_CASE("sixteen workers that claim the same numbers share them out") {
  if (!PostgresServer::available()) return;
  Sample sample(PostgresServer::shared());
  constexpr std::int64_t kTrials = 40;
  std::vector<std::atomic<int>> wins(kTrials);
  std::atomic<int> errors = 0;
  {
    std::vector<std::jthread> workers;
    for (int i = 0; i < 16; ++i) {
      workers.emplace_back([&, i] {
        try {
          const auto store = open_postgres_store(sample.address, OpenMode::kReadWrite);
          for (std::int64_t number = 0; number < kTrials; ++number) {
            TrialClaim request = sample_claim(sample.study, number);
            request.worker = "host:" + std::to_string(i);
            const auto claim = store->claim(request);
            if (!claim) continue;
            ++wins[static_cast<std::size_t>(number)];
            TrialFinish finish = sample_finish(*claim, 90);
            finish.metrics[0].fidelity = "f" + std::to_string(number % 4);
            if (!store->finish(finish)) ++errors;
          }
        } catch (const std::exception& error) {
          MESSAGE(error.what());
          ++errors;
        }
      });
    }
  }
  CHECK(errors == 0);
  for (const auto& count : wins) CHECK(count == 1);
  CHECK(sample.store->find_study("s").value().trials_complete == kTrials);
  CHECK(sample.store->check().empty());
}

TEST_CASE("values of a trial that ends while trials are read are not given to another one") {
  if (!PostgresServer::available()) return;
  const Sample sample(PostgresServer::shared());
  complete_trial(*sample.store, sample.study, 0, 1);
  complete_trial(*sample.store, sample.study, 2, 3);
  // Only the statement for values reads this table: it waits, after the one for trials.
  PostgresConnection other(sample.address, true, {});
  other.run_script("BEGIN; LOCK TABLE fidelity IN ACCESS EXCLUSIVE MODE");
  std::vector<TrialRow> rows;
  std::jthread reading([&] { rows = sample.store->trials(sample.study); });
  sample.wait_until_one_waits_for_a_lock();
  other.run_script(
      "SELECT claim_trial(" + std::to_string(sample.study) +
      ", 1, 1, repeat('a', 32), 't', 1, 1, '', 'w', 1, 'r', '', 0, NULL, false); SELECT "
      "finish_trials(false, false, '{3}', '{1}', '{complete}', '{1}', '{0}', '{\"\"}', "
      "'{\"\"}', '{\"\"}', '{1}', '{accuracy}', '{2}', '{finite}', '{measured}', '{NULL}', "
      "'{NULL}', '{\"\"}', '{}', '{}', '{}', '{}', '{}', '{}', '{}'); COMMIT");
  reading.join();
  REQUIRE(rows.size() == 2);
  for (const TrialRow& row : rows) {
    REQUIRE(row.metrics.size() == 1);
    CHECK(row.metrics[0].value == static_cast<double>(row.number + 1));
  }
  CHECK(sample.store->trials(sample.study).size() == 3);
}

TEST_CASE("a claim in a study that another process removed is refused, and leaves nothing behind") {
  if (!PostgresServer::available()) return;
  const Sample sample(PostgresServer::shared());
  complete_trial(*sample.store, sample.study, 0, 1);
  const auto other = sample.store->connect();
  study_editor(*other).remove_study(sample.study, false);
  CHECK_THROWS_AS(sample.store->claim(sample_claim(sample.study, 1)), Error);
  CHECK(sample.store->check().empty());
  CHECK(other->trials(sample.study).empty());
}

}  // namespace nas::test
