#include <doctest/doctest.h>

#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "core/api/trial_queue.h"
#include "core/util/error.h"
#include "db/open_store.h"
#include "db/postgres_store.h"
#include "tests/db/postgres_server.h"
#include "tests/db/sample_rows.h"

namespace nas::test {

namespace {

/// A result of about half a megabyte.
TrialFinish long_result(const ClaimedTrial& claim) {
  TrialFinish finish = sample_finish(claim, 90);
  for (std::int64_t epoch = 0; epoch < 5000; ++epoch) {
    finish.curve.push_back(
        {epoch, "train_loss_of_a_long_training", 1.0 / (1.0 + static_cast<double>(epoch))});
  }
  return finish;
}

/// The text of the nas::Error that opening throws, or "" when it throws none.
std::string refusal(const std::string& address) {
  try {
    (void)open_store(StoreAddress::parse(address), OpenMode::kCreate);
    return "";
  } catch (const Error& error) {
    CHECK(error.kind() == ErrorKind::kIo);
    return error.what();
  }
}

bool holds(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("a server whose disk is full says so, keeps nothing by halves, and is used again") {
  if (!PostgresServer::available()) return;
  PostgresServer server;
  const std::string database = server.new_small_database(24);
  if (database.empty()) {
    MESSAGE("skipped: this process may not mount a disk");
    return;
  }
  const auto store = open_postgres_store(server.address(database), OpenMode::kCreate);
  const std::int64_t study = store->create_study(sample_study("s")).id;
  std::int64_t stored = 0;
  std::string failure;
  std::optional<ClaimedTrial> last;
  for (std::int64_t number = 0; number < 200 && failure.empty(); ++number) {
    try {
      last = store->claim(sample_claim(study, number));
      const bool kept = last && store->finish(long_result(*last));
      CHECK(kept);
      ++stored;
    } catch (const Error& error) {
      CHECK(error.kind() == ErrorKind::kIo);
      failure = error.what();
    }
  }
  CHECK(holds(failure, "no space left on the device of the server"));
  CHECK(stored > 0);
  CHECK(store->find_study("s").value().trials_complete == stored);
  for (const TrialRow& trial : store->trials(study)) {
    const bool complete = trial.state == TrialState::kComplete;
    CHECK(store->curve(trial.id).size() == (complete ? 5000U : 0U));
    CHECK(trial.metrics.size() == (complete ? 1U : 0U));
  }
  server.grow_small_disk(96);
  CHECK(store->renew(*last, 60));
  CHECK(store->finish(long_result(*last)));
  CHECK(store->find_study("s").value().trials_complete == stored + 1);
  CHECK(store->check().empty());
}

TEST_CASE("a server that wants TLS gets it, and one with another certificate is not trusted") {
  if (!PostgresServer::available()) return;
  if (std::system("openssl version >/dev/null 2>&1") != 0) {
    MESSAGE("skipped: there is no program openssl");
    return;
  }
  PostgresServer server;
  const std::string database = server.new_database();
  const std::string address = server.require_tls(database);
  const std::string root = "&sslrootcert=" + server.certificate().string();
  CHECK(holds(refusal(address + "&sslmode=disable"), "pg_hba.conf rejects connection"));
  CHECK(refusal(address + "&sslmode=require") == "");
  CHECK(refusal(address + "&sslmode=verify-full" + root) == "");
  {
    const auto store = open_store(StoreAddress::parse(address + "&sslmode=verify-full" + root),
                                  OpenMode::kReadWrite);
    CHECK(server.run_sql("SELECT count(*) FROM pg_stat_ssl WHERE ssl") == "1");
    CHECK(store->create_study(sample_study("s")).id == 1);
  }
  // The certificate of somebody else.
  PostgresServer other;
  (void)other.require_tls(other.new_database());
  const std::string wrong = "&sslrootcert=" + other.certificate().string();
  CHECK(holds(refusal(address + "&sslmode=verify-full" + wrong), "certificate verify failed"));
  const std::string name =
      "postgresql://postgres@127.0.0.1:" + address.substr(address.find(":", 20) + 1);
  CHECK(holds(refusal(name + "&sslmode=verify-full" + root), "does not match host name"));
}

}  // namespace nas::test
