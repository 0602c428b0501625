#include <functional>
#include <future>
#include <utility>

#include "core/util/error.h"
#include "core/util/text.h"
#include "db/index_check.h"
#include "db/migrations.h"
#include "db/reference_check.h"
#include "db/store_impl.h"

namespace nas {

namespace {

using Problems = std::vector<std::string>;

// More lines of one kind help nobody.
constexpr std::size_t kMostOfAKind = 20;

// Rules that no constraint of SQLite can state; each query gives one line per violation.
constexpr const char* kRules[] = {
    "SELECT 'metric ' || metric.id || CASE WHEN ranked = 1 AND trial.state IS NOT 'complete' THEN "
    "': ranked, but trial ' || trial_number || ' of study ' || metric.study_id || ' is ' || "
    "ifnull(trial.state, 'missing') ELSE ': belongs to another architecture or number than its "
    "trial ' || trial.number END FROM metric LEFT JOIN trial ON trial.id = metric.trial_id "
    "WHERE ranked = 1 AND trial.state IS NOT 'complete' OR metric.architecture_id <> "
    "trial.architecture_id OR metric.study_id <> trial.study_id OR metric.trial_number <> "
    "trial.number",
    "SELECT 'trial ' || number || ' of study ''' || study.name || ''': has no proposal' FROM trial "
    "JOIN study ON study.id = study_id WHERE NOT EXISTS (SELECT 1 FROM proposal WHERE "
    "proposal.trial_id = trial.id "
    "AND proposal.token = trial.token)",
    "SELECT 'architecture ' || id || ': no trial, metric, model or artifact refers to it' FROM "
    "architecture "
    "WHERE NOT EXISTS (SELECT 1 FROM metric WHERE metric.architecture_id = architecture.id) "
    "AND NOT EXISTS (SELECT 1 FROM model WHERE model.architecture_id = architecture.id) "
    "AND NOT EXISTS (SELECT 1 FROM artifact WHERE artifact.architecture_id = architecture.id) "
    "AND id NOT IN (SELECT architecture_id FROM queue) "
    "AND id NOT IN (SELECT architecture_id FROM trial)"};
constexpr char kPassedLeases[] =
    "SELECT study.name, number, worker, lease_until_us FROM trial JOIN study ON study.id = "
    "study_id "
    "WHERE trial.state = 'running' AND lease_until_us > 0 AND lease_until_us <= ? AND study.state "
    "<> 'paused' ORDER BY study.name, number";

// A step that fails on a damaged file is itself a finding.
void run_step(Problems& problems, const std::function<void()>& step) {
  try {
    step();
  } catch (const Error& error) {
    problems.emplace_back(error.what());
  }
}

void collect(Problems& problems, Connection& connection, std::string_view sql) {
  Rows rows = connection.select(sql);
  for (std::size_t lines = 0; lines < kMostOfAKind && rows.next(); ++lines) {
    if (rows.text(0) != "ok") problems.push_back(printable(rows.text(0)));
  }
}

void check_schema(Problems& problems, Connection& connection) {
  const SchemaText found = schema_of(connection);
  const SchemaText expected = expected_schema(schema_migrations());
  for (const auto& [name, sql] : expected) {
    const auto entry = found.find(name);
    if (entry == found.end()) {
      problems.push_back("schema: " + name + " is missing");
    } else if (entry->second != sql) {
      problems.push_back("schema: " + name + " is not defined as expected");
    }
  }
  for (const auto& [name, sql] : found) {
    if (!expected.contains(name))
      problems.push_back("schema: " + printable(name) + " is not part of Searchlight");
  }
}

// Trials whose worker has gone without a word. Those of a paused study, and those that a study gave
// back, wait for it to be resumed: that is how it stops.
void check_leases(Problems& problems, Connection& connection) {
  const std::int64_t now = connection.now_us();
  Rows rows = connection.select(kPassedLeases, now);
  for (std::size_t lines = 0; lines < kMostOfAKind && rows.next(); ++lines) {
    const std::int64_t until = rows.integer(3);
    problems.push_back("study '" + printable(rows.text(0)) + "', trial " + rows.string(1) +
                       ": unfinished, worker '" + printable(rows.text(2)) + "', lease passed " +
                       format_seconds(static_cast<double>(now - until) / 1e6) +
                       " ago; resume the study to run it again");
  }
}

// The bulk of the work, on a connection of its own beside the other steps.
Problems structure_problems(const ConnectionTarget& target) {
  Problems problems;
  run_step(problems, [&] {
    ConnectionTarget reading = target;
    if (reading.access == Access::kWrite) reading.access = Access::kWatch;
    Connection connection(reading);
    const UntilStopped until_stopped(connection);
    collect(problems, connection, "PRAGMA quick_check(20)");
  });
  return problems;
}

}  // namespace

std::vector<std::string> SqliteStore::check() const {
  Connection& connection = *connection_;
  std::future<Problems> structure =
      std::async(std::launch::async, structure_problems, connection.target());
  const Transaction snapshot(connection, Transaction::Kind::kRead);
  const UntilStopped until_stopped(connection);
  Problems others;
  run_step(others, [&] {
    for (std::string& problem : reference_problems(connection, kMostOfAKind)) {
      others.push_back(std::move(problem));
    }
  });
  run_step(others, [&] { check_schema(others, connection); });
  run_step(others, [&] {
    for (std::string& problem : index_problems(connection)) others.push_back(std::move(problem));
  });
  for (const char* rule : kRules) {
    run_step(others, [&] { collect(others, connection, rule); });
  }
  run_step(others, [&] {
    for (std::string& problem : benchmark_problems()) others.push_back(std::move(problem));
  });
  run_step(others, [&] {
    for (std::string& problem : file_problems()) others.push_back(std::move(problem));
  });
  run_step(others, [&] { check_leases(others, connection); });
  Problems problems = structure.get();
  problems.insert(problems.end(), others.begin(), others.end());
  // A step that was cut short has found nothing.
  if (connection.target().options.stop.stop_requested())
    throw Error(ErrorKind::kUsage, "check: interrupted");
  return problems;
}

}  // namespace nas
