#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "core/util/error.h"
#include "core/util/text.h"
#include "db/store_impl.h"

namespace nas {

namespace {

using Problems = std::vector<std::string>;

// More lines of one kind help nobody.
constexpr std::size_t kMostOfAKind = 20;

// Rules that no constraint can state; each query gives one line per violation.
constexpr const char* kRules[] = {
    "SELECT 'metric ' || metric.id || CASE WHEN ranked = 1 AND trial.state IS DISTINCT FROM "
    "'complete' THEN "
    "': ranked, but trial ' || trial_number || ' of study ' || metric.study_id || ' is ' || "
    "coalesce(trial.state, 'missing') ELSE ': belongs to another architecture or number than its "
    "trial ' || trial.number END FROM metric LEFT JOIN trial ON trial.id = metric.trial_id "
    "WHERE ranked = 1 AND trial.state IS DISTINCT FROM 'complete' OR metric.architecture_id <> "
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
    "AND id NOT IN (SELECT architecture_id FROM trial)"};
constexpr char kPassedLeases[] =
    "SELECT study.name, number, worker, lease_until_us FROM trial JOIN study ON study.id = "
    "study_id "
    "WHERE trial.state = 'running' AND lease_until_us > 0 AND lease_until_us <= ? AND study.state "
    "<> 'paused' ORDER BY study.name, number";

// A step that fails on damaged data is itself a finding.
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
    problems.push_back(printable(rows.text(0)));
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

}  // namespace

std::vector<std::string> SqlStore::row_problems() const {
  Problems problems;
  for (const char* rule : kRules) {
    run_step(problems, [&] { collect(problems, *connection_, rule); });
  }
  run_step(problems, [&] {
    for (std::string& problem : benchmark_problems()) problems.push_back(std::move(problem));
  });
  run_step(problems, [&] {
    for (std::string& problem : file_problems()) problems.push_back(std::move(problem));
  });
  run_step(problems, [&] { check_leases(problems, *connection_); });
  return problems;
}

StoreStats SqlStore::table_stats(const std::vector<std::string>& tables) const {
  StoreStats stats;
  for (const std::string& table : tables) {
    Rows rows = connection_->select("SELECT count(*) FROM \"" + table + "\"");
    if (rows.next()) stats.table_rows.emplace_back(table, rows.integer(0));
  }
  return stats;
}

QueryResult SqlStore::query(std::string_view sql, std::int64_t limit) const {
  NumberFlags numbers;
  return typed_query(sql, limit, numbers);
}

}  // namespace nas
