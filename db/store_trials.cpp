#include <algorithm>
#include <cmath>

#include "core/ir/same/digest.h"
#include "core/util/error.h"
#include "core/util/text.h"
#include "db/codes.h"
#include "db/store_impl.h"

namespace nas {

namespace {

constexpr char kTrialById[] =
    "SELECT id, study_id, number, architecture_id, token, lease_until_us, state, worker FROM trial "
    "WHERE id = ?";
constexpr char kTrialByNumber[] =
    "SELECT id, study_id, number, architecture_id, token, lease_until_us, state, worker FROM trial "
    "WHERE study_id = ? AND number = ?";
constexpr char kStart[] =
    "INSERT INTO trial (study_id, number, architecture_id, network_id, state, worker, token, "
    "lease_until_us, started_us, environment_id) VALUES (?, ?, ?, ?, 'running', ?, 1, ?, ?, ?)";
constexpr char kTakeOver[] =
    "UPDATE trial SET architecture_id = ?, network_id = ?, worker = ?, token = token + 1, "
    "lease_until_us = ?, started_us = ?, environment_id = ? WHERE id = ?";
constexpr char kPropose[] =
    "INSERT INTO proposal (trial_id, token, searcher, reason, seconds) VALUES (?, ?, ?, ?, ?)";
// A lease that has passed is renewed; that of a released trial (0) is not.
constexpr char kRenew[] =
    "UPDATE trial SET lease_until_us = ? WHERE id = ? AND token = ? AND state = 'running' AND "
    "lease_until_us > 0";
constexpr char kFinish[] =
    "UPDATE trial SET state = ?, finished_us = ?, seconds = ?, violation = ?, error = ?, "
    "reused_from = ? "
    "WHERE id = ?";
constexpr char kLeaveQueue[] = "DELETE FROM queue WHERE study_id = ? AND number = ?";
constexpr char kAddMetric[] =
    "INSERT INTO metric (architecture_id, trial_id, study_id, trial_number, name, value, status, "
    "source, fidelity_id, device_id, network_id, ranked, low, high) VALUES (?, ?, ?, ?, ?, ?, ?, "
    "?, "
    "?, ?, ?, ?, ?, ?)";
constexpr char kAddCurvePoint[] =
    "INSERT INTO curve (trial_id, position, epoch, name, value, status, network_id) VALUES (?, ?, "
    "?, ?, ?, ?, ?)";
// A worker "host:pid:thread" belongs to "host:pid"; an empty prefix is nobody's. Released trials
// have lease 0.
#define NAS_RECLAIMABLE                                                              \
  "FROM trial WHERE study_id = ?1 AND state = 'running' AND lease_until_us > 0 AND " \
  "(lease_until_us <= ?2 "                                                           \
  "OR (?3 <> '' AND (worker = ?3 OR substr(worker, 1, length(?3) + 1) = ?3 || ':')))"

// Longest lease that is believed, in seconds (ten years): keeps the sum of times inside 64 bits.
constexpr double kLongestLease = 3.2e8;

std::string trial_name(std::int64_t number) {
  return "trial " + std::to_string(number);
}

}  // namespace

std::int64_t lease_us(double seconds) {
  if (!(seconds >= 0)) {
    throw Error(ErrorKind::kUsage,
                "lease: " + format_double(seconds) + " seconds, must be 0 or more");
  }
  return static_cast<std::int64_t>(std::min(seconds, kLongestLease) * 1e6);
}

OptionalInt SqlStore::own_environment() {
  return environment_ ? OptionalInt(catalogue_->environment(*environment_)) : OptionalInt();
}

SqlStore::TrialKey SqlStore::read_trial_key(Rows& rows) {
  return {.trial_id = rows.integer(0),
          .study_id = rows.integer(1),
          .number = rows.integer(2),
          .architecture_id = rows.integer(3),
          .token = rows.integer(4),
          .lease_until_us = rows.integer(5),
          .state = rows.string(6),
          .worker = rows.string(7)};
}

std::optional<SqlStore::TrialKey> SqlStore::find_trial(std::int64_t trial_id) const {
  Rows rows = connection_->select(kTrialById, trial_id);
  if (!rows.next()) return std::nullopt;
  return read_trial_key(rows);
}

std::optional<SqlStore::TrialKey> SqlStore::find_trial(std::int64_t study_id,
                                                       std::int64_t number) const {
  Rows rows = connection_->select(kTrialByNumber, study_id, number);
  if (!rows.next()) return std::nullopt;
  return read_trial_key(rows);
}

std::optional<ClaimedTrial> SqlStore::claim(const TrialClaim& claim) {
  require_writable("claim a trial");
  return connection_->write([&]() -> std::optional<ClaimedTrial> {
    const std::optional<TrialKey> known = find_trial(claim.study_id, claim.number);
    if (known && (known->state != "running" || known->lease_until_us > connection_->now_us()))
      return std::nullopt;
    const std::int64_t space_id = catalogue_->space_in_study(claim.study_id, claim.space);
    ClaimedTrial claimed;
    claimed.architecture_id = catalogue_->architecture(claim, space_id);
    if (known) {
      take_over(claim, *known, claimed.architecture_id);
      claimed.trial_id = known->trial_id;
      claimed.token = known->token + 1;
    } else {
      claimed.trial_id = start_trial(claim, claimed.architecture_id);
      claimed.token = 1;
    }
    connection_->execute(kPropose, claimed.trial_id, claimed.token, claim.searcher, claim.reason,
                         claim.ask_seconds);
    return claimed;
  });
}

std::int64_t SqlStore::start_trial(const TrialClaim& claim, std::int64_t architecture_id) {
  const std::int64_t now = connection_->now_us();
  return connection_->insert(kStart, claim.study_id, claim.number, architecture_id,
                             catalogue_->network(claim.network), claim.worker,
                             now + lease_us(claim.lease_seconds), now, own_environment());
}

void SqlStore::take_over(const TrialClaim& claim, const TrialKey& trial,
                         std::int64_t architecture_id) {
  const std::int64_t now = connection_->now_us();
  connection_->execute(kTakeOver, architecture_id, catalogue_->network(claim.network), claim.worker,
                       now + lease_us(claim.lease_seconds), now, own_environment(), trial.trial_id);
  log_take_over(trial, claim.worker);
}

void SqlStore::log_take_over(const TrialKey& trial, std::string_view worker) {
  const std::string why = trial.lease_until_us == 0
                              ? "was released by '" + trial.worker + "'"
                              : "the lease of '" + trial.worker + "' has passed";
  log(trial.study_id, trial.trial_id, "takeover",
      trial_name(trial.number) + ": " + why + ", taken over by '" + std::string(worker) +
          "' (token " + std::to_string(trial.token + 1) + ")");
}

bool SqlStore::renew(const ClaimedTrial& claim, double lease_seconds) {
  require_writable("renew a lease");
  return connection_->write([&] {
    const std::int64_t renewed = connection_->execute(
        kRenew, connection_->now_us() + lease_us(lease_seconds), claim.trial_id, claim.token);
    return renewed == 1;
  });
}

bool SqlStore::finish(const TrialFinish& finish) {
  require_writable("finish a trial");
  return connection_->write([&] {
    const bool stored = store_finish(finish);
    return stored;
  });
}

std::vector<bool> SqlStore::finish_all(std::span<const TrialFinish> finishes) {
  require_writable("finish trials");
  return connection_->write([&] {
    std::vector<bool> stored;
    for (const TrialFinish& finish : finishes) stored.push_back(store_finish(finish));
    return stored;
  });
}

bool SqlStore::store_finish(const TrialFinish& finish) {
  NAS_CHECK(finish.state != TrialState::kRunning, "a trial cannot be finished as running");
  const std::optional<TrialKey> trial = find_trial(finish.claim.trial_id);
  if (!trial || trial->token != finish.claim.token || trial->state != "running") {
    log_late_finish(finish, trial);
    return false;
  }
  connection_->execute(kFinish, trial_state_code(finish.state), connection_->now_us(),
                       finish.seconds, finish.violation, finish.error, finish.reused_from,
                       trial->trial_id);
  connection_->execute(kLeaveQueue, trial->study_id, trial->number);
  insert_metrics(finish, *trial);
  insert_curve(finish);
  return true;
}

void SqlStore::log_late_finish(const TrialFinish& finish, const std::optional<TrialKey>& trial) {
  const std::string result = "a result '" + std::string(trial_state_code(finish.state)) +
                             "' with token " + std::to_string(finish.claim.token) +
                             " was refused: ";
  if (!trial) {
    log(std::nullopt, std::nullopt, "late_finish",
        result + "there is no trial with id " + std::to_string(finish.claim.trial_id));
    return;
  }
  log(trial->study_id, trial->trial_id, "late_finish",
      trial_name(trial->number) + ": " + result + "it is '" + trial->state + "' with token " +
          std::to_string(trial->token) + " of '" + trial->worker + "'");
}

void SqlStore::insert_metrics(const TrialFinish& finish, const TrialKey& trial) {
  for (const MetricValue& metric : finish.metrics) {
    const OptionalInt fidelity_id = catalogue_->fidelity(metric.fidelity);
    const OptionalInt device_id = catalogue_->device(metric.device);
    const OptionalInt network_id = catalogue_->network(metric.network);
    const bool ranked = finish.state == TrialState::kComplete && std::isfinite(metric.value);
    connection_->execute(kAddMetric, trial.architecture_id, trial.trial_id, trial.study_id,
                         trial.number, metric.name, stored_value(metric.value),
                         value_status(metric.value), metric_source_code(metric.source), fidelity_id,
                         device_id, network_id, ranked ? 1 : 0, low_of(metric), high_of(metric));
  }
}

void SqlStore::insert_curve(const TrialFinish& finish) {
  const OptionalInt network_id = catalogue_->network(finish.curve_network);
  std::int64_t position = 0;
  for (const CurvePoint& point : finish.curve) {
    connection_->execute(kAddCurvePoint, finish.claim.trial_id, position, point.epoch, point.name,
                         stored_value(point.value), value_status(point.value), network_id);
    ++position;
  }
}

std::int64_t SqlStore::reclaim(std::int64_t study_id, std::string_view worker_prefix) {
  require_writable("reclaim trials");
  return connection_->write([&] {
    const std::int64_t now = connection_->now_us();
    connection_->execute(
        "INSERT INTO event (at_us, study_id, trial_id, kind, text) SELECT ?2, study_id, id, "
        "'reclaim', 'trial ' || "
        "number || ': released, ' || CASE WHEN lease_until_us <= ?2 THEN 'the lease of ''' || "
        "worker "
        "|| ''' has passed' ELSE '''' || worker || ''' is gone' END " NAS_RECLAIMABLE,
        study_id, now, worker_prefix);
    const std::int64_t released = connection_->execute(
        "UPDATE trial SET lease_until_us = 0 WHERE id IN (SELECT id " NAS_RECLAIMABLE ")", study_id,
        now, worker_prefix);
    return released;
  });
}

}  // namespace nas
