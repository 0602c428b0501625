#include "benchmarks/large_database.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <vector>

#include "core/ir/same/digest.h"
#include "core/util/rng.h"
#include "db/codes.h"
#include "db/sqlite_store_impl.h"

namespace nas::benchmark {

namespace {

constexpr const char* kStudy = "million";
constexpr std::int64_t kBatch = 20'000;
constexpr std::array<const char*, 5> kOperations = {"none", "skip_connect", "nor_conv_1x1",
                                                    "nor_conv_3x3", "avg_pool_3x3"};
constexpr const char* kIndexes[] = {"metric_ranking", "metric_architecture", "metric_device"};

struct Sample {
  std::string text;
  Digest digest;
  std::array<double, 10> metrics{};
};
constexpr std::array<const char*, 10> kMetrics = {
    "accuracy", "params",    "macs", "latency_ms", "activation_bytes",
    "synflow",  "grad_norm", "nwot", "jacov",      "grasp"};

// Capacity drives the costs, and with diminishing returns the accuracy: the shape of real tables.
Sample sample(std::int64_t number) {
  Rng rng({.seed = 1, .trial = static_cast<std::uint64_t>(number), .purpose = Purpose::kTest});
  Sample result;
  double capacity = 0;
  double convolutions = 0;
  for (int node = 1; node < 4; ++node) {
    if (node > 1) result.text += "+";
    result.text += "|";
    for (int input = 0; input < node; ++input) {
      const std::size_t choice = rng.below(kOperations.size());
      result.text += std::string(kOperations[choice]) + "~" + std::to_string(input) + "|";
      if (choice == 3) capacity += 9;
      if (choice == 2) capacity += 1;
      if (choice == 2 || choice == 3) ++convolutions;
    }
  }
  result.digest.words = {rng.next_u64(), static_cast<std::uint64_t>(number)};
  const double params = 0.07e6 + 0.026e6 * capacity;
  const double skill = 1 - std::exp(-0.11 * capacity - 0.2 * convolutions);
  result.metrics = {70 + 22 * skill + 1.1 * rng.normal(),
                    std::round(params),
                    std::round(params * 123 + 2e6),
                    1.2 + 0.09 * capacity + 0.15 * convolutions + 0.12 * std::abs(rng.normal()),
                    std::round(4e5 * (1 + convolutions)),
                    std::exp(4 + 0.4 * capacity + rng.normal()),
                    20 + 3 * capacity + 6 * rng.normal(),
                    1500 + 30 * convolutions + 12 * rng.normal(),
                    -90 + 60 * skill + 9 * rng.normal(),
                    40 * rng.normal()};
  return result;
}

StudySpec study_spec(std::int64_t trials) {
  return {.name = kStudy,
          .space = "nasbench201",
          .space_version = "1",
          .searcher = "random",
          .config = "",
          .seed = 1,
          .budget_trials = trials,
          .objectives = {{"accuracy", true}, {"latency_ms", false}},
          .environment = {"explorer_bench", "", "", 1}};
}

std::vector<std::string> drop_indexes(Connection& connection) {
  std::vector<std::string> statements;
  for (const char* index : kIndexes) {
    statements.push_back(
        connection.select("SELECT sql FROM sqlite_schema WHERE name = ?", index).next_text());
  }
  for (const char* index : kIndexes) connection.run_script("DROP INDEX " + std::string(index));
  return statements;
}

void insert_bulk(Connection& connection, std::int64_t study_id, std::int64_t first,
                 std::int64_t end, std::int64_t device_id) {
  Transaction transaction(connection, Transaction::Kind::kWrite);
  for (std::int64_t number = first; number < end; ++number) {
    const Sample row = sample(number);
    const std::string digest = to_hex(row.digest);
    const std::int64_t architecture_id = connection.insert(
        "INSERT INTO architecture (space_id, digest, text, published_params, published_macs, "
        "created_us) VALUES "
        "((SELECT "
        "space_id FROM study WHERE id = ?), ?, ?, ?, ?, 1)",
        study_id, digest, row.text, static_cast<std::int64_t>(row.metrics[1]),
        static_cast<std::int64_t>(row.metrics[2]));
    const bool failed = number % 1000 == 7;
    const std::int64_t trial_id = connection.insert(
        "INSERT INTO trial (study_id, number, architecture_id, state, worker, token, "
        "lease_until_us, started_us, finished_us, seconds, error) VALUES (?, ?, ?, ?, 'host:1:0', "
        "1, "
        "0, 1, 2, 0.5, ?)",
        study_id, number, architecture_id, failed ? "failed" : "complete",
        failed ? "the loss is not finite after 3 epochs" : "");
    connection.execute(
        "INSERT INTO proposal (trial_id, token, searcher, reason, seconds) VALUES (?, 1, 'random', "
        "'sample', 0.001)",
        trial_id);
    if (failed) continue;
    for (std::size_t i = 0; i < kMetrics.size(); ++i) {
      const bool latency = i == 3;
      connection.execute(
          "INSERT INTO metric (architecture_id, trial_id, study_id, trial_number, name, value, "
          "status, source, device_id, ranked) VALUES (?, ?, ?, ?, ?, ?, 'finite', 'computed', ?, "
          "1)",
          architecture_id, trial_id, study_id, number, kMetrics[i], row.metrics[i],
          latency ? OptionalInt(device_id) : OptionalInt());
    }
  }
  transaction.commit();
}

}  // namespace

void make_large_database(const std::filesystem::path& path, std::int64_t trials) {
  const std::int64_t study_id =
      open_sqlite_store(path, OpenMode::kCreate)->create_study(study_spec(trials)).id;
  const auto connection = open_connection(path, OpenMode::kReadWrite, {});
  connection->run_script("PRAGMA cache_size = -400000; PRAGMA synchronous = OFF");
  const std::int64_t device_id = connection->insert(
      "INSERT INTO device (name, kind, settings) VALUES ('host', 'cpu', 'batch=1')");
  const std::vector<std::string> indexes = drop_indexes(*connection);
  for (std::int64_t first = 0; first < trials; first += kBatch) {
    insert_bulk(*connection, study_id, first, std::min(first + kBatch, trials), device_id);
  }
  for (const std::string& index : indexes) connection->run_script(index);
  connection->run_script("UPDATE study SET state = 'finished'; PRAGMA wal_checkpoint(TRUNCATE)");
}

std::int64_t insert_trials(const std::filesystem::path& path, std::int64_t first,
                           std::int64_t trials) {
  const auto store = open_sqlite_store(path, OpenMode::kReadWrite);
  const std::int64_t study_id = store->find_study(kStudy).value().id;
  std::int64_t done = 0;
  for (std::int64_t number = first; number < first + trials; ++number) {
    const Sample row = sample(number);
    TrialClaim claim{.study_id = study_id,
                     .number = number,
                     .space = "nasbench201",
                     .text = row.text,
                     .digest = row.digest,
                     .published_params = static_cast<std::int64_t>(row.metrics[1]),
                     .published_macs = static_cast<std::int64_t>(row.metrics[2]),
                     .worker = "host:2:0",
                     .searcher = "random",
                     .reason = "sample"};
    const auto claimed = store->claim(claim);
    if (!claimed) continue;
    TrialFinish finish{.claim = *claimed, .seconds = 0.1};
    for (std::size_t i = 0; i < kMetrics.size(); ++i) {
      finish.metrics.push_back({.name = kMetrics[i], .value = row.metrics[i]});
      if (i == 3) finish.metrics.back().device = Device{"host", "cpu", "batch=1"};
    }
    done += store->finish(finish) ? 1 : 0;
  }
  return done;
}

}  // namespace nas::benchmark
